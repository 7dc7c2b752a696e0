package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.artifact.ArtifactStore;
import io.belay.artifact.Zstd;
import io.belay.capability.document.SnapshotManifest.Entry;
import io.belay.step.StepContext;
import io.belay.target.Cancellation;
import io.belay.target.Progress;
import io.belay.target.StrictJson;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Reads snapshots to their end; only then is what was read valid. */
final class SnapshotReader {

  private static final int BUFFER = 1 << 18;

  private final ArtifactStore artifacts;
  private final Progress progress;
  private final Cancellation cancellation;

  /** Receives a file's content; null skips the file. */
  @FunctionalInterface
  interface Sink {
    OutputStream of(String path) throws IOException;
  }

  SnapshotReader(StepContext context) {
    this(context.artifacts(), context.progress(), context.cancellation());
  }

  SnapshotReader(ArtifactStore artifacts, Progress progress, Cancellation cancellation) {
    this.artifacts = artifacts;
    this.progress = progress;
    this.cancellation = cancellation;
  }

  /**
   * Reads the whole snapshot and compares each file with its SHA-256.
   *
   * @throws TargetException naming the snapshot and what is wrong with it
   */
  SnapshotManifest verify(Artifact snapshot) {
    return read(snapshot, path -> null);
  }

  /** As {@link #verify}, but passes the content of files to sinks. */
  SnapshotManifest read(Artifact snapshot, Sink sink) {
    Map<String, String> hashes = new HashMap<>();
    SnapshotManifest manifest = null;
    try (InputStream raw = artifacts.open(snapshot);
        InputStream packed = Zstd.decompress(raw);
        TarArchiveInputStream tar = new TarArchiveInputStream(packed)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.getName().equals(SnapshotManifest.NAME)) {
          manifest = StrictJson.read(Json.STRICT, tar.readAllBytes(), SnapshotManifest.class);
        } else {
          hashes.put(entry.getName(), copy(tar, sink.of(entry.getName()), snapshot));
        }
      }
      packed.transferTo(OutputStream.nullOutputStream());
      raw.transferTo(OutputStream.nullOutputStream()); // to the end, where tampering is detected
    } catch (IOException e) {
      throw new TargetException(
          "the snapshot %s cannot be relied on: %s. Nothing was changed by it; choose another one"
              .formatted(snapshot.id(), e.getMessage()),
          e);
    }
    compare(snapshot, manifest, hashes);
    return manifest;
  }

  private String copy(InputStream in, OutputStream sink, Artifact snapshot) throws IOException {
    MessageDigest digest = FileState.digest();
    byte[] buffer = new byte[BUFFER];
    try (OutputStream out =
        new DigestOutputStream(sink == null ? OutputStream.nullOutputStream() : sink, digest)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        cancellation.throwIfCancelled();
        out.write(buffer, 0, read);
      }
    }
    progress.report(0, 0, "bytes", "reading " + snapshot.name());
    return FileState.hex(digest);
  }

  private static void compare(
      Artifact snapshot, SnapshotManifest manifest, Map<String, String> hashes) {
    if (manifest == null) {
      throw wrong(snapshot, "it has no manifest");
    }
    Set<String> unknown = new HashSet<>(hashes.keySet());
    for (Entry entry : manifest.entries()) {
      unknown.remove(entry.path());
      String found = hashes.get(entry.path());
      if (entry.present() ? !entry.sha256().equals(found) : found != null) {
        throw wrong(snapshot, entry.path() + " in it is not what its manifest says");
      }
    }
    if (!unknown.isEmpty()) {
      throw wrong(snapshot, "its manifest does not know " + unknown);
    }
  }

  private static TargetException wrong(Artifact snapshot, String what) {
    return new TargetException(
        "the snapshot %s cannot be relied on: %s. Nothing was changed by it; choose another one"
            .formatted(snapshot.id(), what));
  }
}
