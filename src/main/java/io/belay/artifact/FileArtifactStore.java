package io.belay.artifact;

import io.belay.file.PrivateFiles;
import io.belay.target.InvalidSetting;
import io.belay.target.TargetException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Artifacts as files: {@code <directory>/<run id>/<name>} and {@code <name>.manifest.json}. */
public final class FileArtifactStore implements ArtifactStore {

  private static final int BUFFER = 1 << 18;

  private final Path directory;
  private final Optional<ArtifactEncryption> encryption;
  private final Disk disk;

  /** Opens a new file for writing; tests replace it by a full disk. */
  @FunctionalInterface
  interface Disk {
    FileChannel open(Path part) throws IOException;
  }

  /**
   * @throws InvalidSetting when the key is invalid or the directory cannot be used; names the
   *     property
   */
  public FileArtifactStore(ArtifactSettings settings) {
    this(settings, part -> FileChannel.open(part, StandardOpenOption.WRITE));
  }

  FileArtifactStore(ArtifactSettings settings, Disk disk) {
    this.disk = disk;
    this.directory = settings.directory().toAbsolutePath().normalize();
    this.encryption = ArtifactEncryption.of(settings.key());
    try {
      PrivateFiles.claim(directory);
    } catch (IOException e) {
      throw new InvalidSetting(
          "belay.artifacts.directory: %s cannot be created: %s"
              .formatted(directory, e.getMessage()),
          e);
    }
    if (!Files.isWritable(directory)) {
      throw new InvalidSetting(
          "belay.artifacts.directory: %s is not writable".formatted(directory));
    }
  }

  @Override
  public Artifact write(String runId, String name, String kind, Body body) throws Exception {
    ArtifactFiles files = filesOf(runId, name);
    requireDirectory();
    Optional<Artifact> existing = files.manifest(name);
    if (existing.isPresent()) {
      return existing.get();
    }
    Path part;
    try {
      part =
          files.exclusively(
              () -> {
                if (files.manifest(name).isEmpty()) {
                  files.removeLeftovers(name);
                }
                return files.newPart(name);
              });
    } catch (IOException e) {
      throw unwritable(runId, name, e);
    }
    try {
      Artifact artifact = fill(part, runId, name, kind, body);
      return files.exclusively(() -> publish(artifact, part, files));
    } catch (IOException e) {
      throw unwritable(runId, name, e);
    } catch (BodyFailed e) {
      throw e.failure;
    } finally {
      Files.deleteIfExists(part); // gone already when it was published
    }
  }

  /** The body itself failed, not the disk. */
  private static final class BodyFailed extends Exception {
    private final Exception failure;

    BodyFailed(Exception failure) {
      super(failure);
      this.failure = failure;
    }
  }

  private Artifact fill(Path part, String runId, String name, String kind, Body body)
      throws IOException, BodyFailed {
    String id = runId + "/" + name;
    MessageDigest digest = CheckedInput.sha256();
    Map<String, String> details;
    long size;
    try (FileChannel channel = disk.open(part)) {
      DiskOutput output = new DiskOutput(channel);
      try {
        OutputStream hashed = new DigestOutputStream(output, digest);
        OutputStream sealed =
            encryption.isPresent() ? encryption.get().encrypting(hashed, id) : hashed;
        OutputStream out = new BufferedOutputStream(sealed, BUFFER);
        details = body.writeTo(out);
        out.close();
      } catch (Exception e) {
        output.throwIfFailed(); // the body may have wrapped or missed the cause
        throw new BodyFailed(e);
      }
      channel.force(true);
      size = channel.size();
    }
    return new Artifact(
        id,
        runId,
        name,
        kind,
        HexFormat.of().formatHex(digest.digest()),
        size,
        encryption.isPresent(),
        Instant.now().truncatedTo(ChronoUnit.MILLIS),
        Map.copyOf(details));
  }

  /** If another attempt was faster, what it published stays. */
  private static Artifact publish(Artifact artifact, Path part, ArtifactFiles files)
      throws IOException {
    Optional<Artifact> winner = files.manifest(artifact.name());
    if (winner.isPresent()) {
      return winner.get();
    }
    files.publish(part, artifact);
    return artifact;
  }

  @Override
  public InputStream open(Artifact artifact) throws IOException {
    if (!artifact.encrypted()) {
      return new CheckedInput(Files.newInputStream(path(artifact)), artifact);
    }
    if (encryption.isEmpty()) {
      throw new IOException(
          "artifact %s is encrypted, and no belay.artifacts.key is configured"
              .formatted(artifact.id()));
    }
    return encryption.get().decrypting(Files.newInputStream(path(artifact)), artifact.id());
  }

  @Override
  public Path path(Artifact artifact) {
    return filesOf(artifact.runId(), artifact.name()).file(artifact.name());
  }

  @Override
  public Optional<Artifact> find(String id) {
    String[] parts = id.split("/", -1);
    if (parts.length != 2 || !ArtifactFiles.isSafe(parts[0]) || !ArtifactFiles.isSafe(parts[1])) {
      return Optional.empty();
    }
    return filesOf(parts[0], parts[1]).manifest(parts[1]);
  }

  @Override
  public List<Artifact> ofRun(String runId) {
    return filesOf(runId, "any").manifests().stream()
        .sorted(Comparator.comparing(Artifact::createdAt).thenComparing(Artifact::name))
        .toList();
  }

  @Override
  public List<Artifact> ofKind(String kind) {
    List<Artifact> found = new ArrayList<>();
    try (DirectoryStream<Path> runs = Files.newDirectoryStream(directory, Files::isDirectory)) {
      for (Path run : runs) {
        new ArtifactFiles(run)
            .manifests().stream()
                .filter(artifact -> artifact.kind().equals(kind))
                .forEach(found::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("artifacts in %s cannot be listed".formatted(directory), e);
    }
    found.sort(Comparator.comparing(Artifact::createdAt).thenComparing(Artifact::id).reversed());
    return found;
  }

  @Override
  public void verify(Artifact artifact) {
    Path file = path(artifact);
    Optional<String> difference;
    try (InputStream in = Files.newInputStream(file)) {
      difference = CheckedInput.difference(in, artifact);
    } catch (NoSuchFileException e) {
      throw new TargetException(
          "artifact %s is missing: there is no file %s; its manifest says SHA-256 %s"
              .formatted(artifact.id(), file, artifact.sha256()));
    } catch (IOException e) {
      throw new TargetException(
          "artifact %s cannot be read from %s".formatted(artifact.id(), file), e);
    }
    if (difference.isPresent()) {
      throw new TargetException(difference.get());
    }
  }

  @Override
  public Path workDirectory(String runId, String name) throws IOException {
    ArtifactFiles files = filesOf(runId, name);
    requireDirectory();
    try {
      return files.newWorkDirectory(name);
    } catch (IOException e) {
      throw unwritable(runId, name, e);
    }
  }

  @Override
  public long freeBytes() {
    requireDirectory();
    try {
      return Files.getFileStore(directory).getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException("free space of %s is unknown".formatted(directory), e);
    }
  }

  /** Refuses to recreate it: while the volume is not mounted, it would end up on another disk. */
  private void requireDirectory() {
    if (!Files.isDirectory(directory)) {
      throw new TargetException(
          "the directory for artifacts, %s (belay.artifacts.directory), is not there any more. Nothing was written; mount its volume or restore it, then retry"
              .formatted(directory));
    }
  }

  private ArtifactFiles filesOf(String runId, String name) {
    if (!ArtifactFiles.isSafe(runId) || !ArtifactFiles.isSafe(name)) {
      throw new TargetException(
          "artifact name '%s' (run '%s') is not safe: letters, digits and ._@+=- only, no leading dot, at most 200 characters, no manifest"
              .formatted(name, runId));
    }
    return new ArtifactFiles(directory.resolve(runId));
  }

  private TargetException unwritable(String runId, String name, IOException cause) {
    return new TargetException(
        "artifact %s/%s cannot be written: %s. %s has %s free. Nothing was left behind; make room or repair the volume, then retry"
            .formatted(runId, name, reason(cause), directory, free()),
        cause);
  }

  private static String reason(IOException cause) {
    return cause instanceof FileSystemException file && file.getReason() != null
        ? file.getReason()
        : String.valueOf(cause.getMessage());
  }

  private String free() {
    try {
      return freeBytes() + " bytes";
    } catch (UncheckedIOException | TargetException e) {
      return "an unknown number of bytes";
    }
  }
}
