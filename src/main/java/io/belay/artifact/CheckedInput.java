package io.belay.artifact;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** Reads an unencrypted artifact and compares its size and SHA-256 at the end. */
final class CheckedInput extends FilterInputStream {

  private static final int BUFFER = 1 << 18;

  private final MessageDigest digest = sha256();
  private final Artifact artifact;
  private long size;
  private boolean checked;

  CheckedInput(InputStream in, Artifact artifact) {
    super(in);
    this.artifact = artifact;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Reads all of {@code in}; what differs from the manifest, or empty. */
  static Optional<String> difference(InputStream in, Artifact artifact) throws IOException {
    MessageDigest digest = sha256();
    long size = 0;
    byte[] buffer = new byte[BUFFER];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      digest.update(buffer, 0, read);
      size += read;
    }
    return difference(artifact, size, digest.digest());
  }

  private static Optional<String> difference(Artifact artifact, long size, byte[] hash) {
    String actual = HexFormat.of().formatHex(hash);
    if (size == artifact.size() && actual.equals(artifact.sha256())) {
      return Optional.empty();
    }
    return Optional.of(
        "artifact %s was changed after it was written: SHA-256 %s and %d bytes, but its manifest says %s and %d bytes. Do not restore from it"
            .formatted(artifact.id(), actual, size, artifact.sha256(), artifact.size()));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = super.read(bytes, offset, length);
    if (read > 0) {
      digest.update(bytes, offset, read);
      size += read;
    } else if (read < 0 && !checked) {
      checked = true;
      Optional<String> difference = difference(artifact, size, digest.digest());
      if (difference.isPresent()) {
        throw new IOException(difference.get());
      }
    }
    return read;
  }

  @Override
  public long skip(long count) throws IOException {
    return readNBytes((int) Math.min(count, BUFFER)).length; // skipped bytes must be hashed too
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
