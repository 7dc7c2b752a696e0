package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.artifact.Zstd;
import io.belay.capability.document.SnapshotManifest.Entry;
import io.belay.capability.document.SnapshotManifest.Place;
import io.belay.step.StepContext;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Takes snapshots: every file of a store, and which files do not exist, in one artifact (tar in
 * zstd), with the SHA-256 of each file in the artifact's manifest and in the snapshot's own. Each
 * is read back before it counts as verified.
 */
final class SnapshotWriter {

  /** Replaces the hash of a file that does not exist. */
  static final String ABSENT = "absent";

  static final String LEGACY = "legacy";
  static final String STORE = "store";
  static final String STATE = "state";

  private static final int BUFFER = 1 << 18;

  private final String name;
  private final DocumentStoreTarget target;
  private final StepContext context;
  private final Map<Path, FileState> seen = new LinkedHashMap<>();
  private long total;
  private long done;

  /**
   * @param name of the target
   */
  SnapshotWriter(String name, DocumentStoreTarget target, StepContext context) {
    this.name = name;
    this.target = target;
    this.context = context;
  }

  /** Takes a snapshot and verifies it; when repeated after a crash, verifies the same one again. */
  DocumentSnapshot take() throws Exception {
    Artifact artifact =
        context
            .artifacts()
            .write(
                context.runId(),
                "document-snapshot-%s-%s.tar.zst".formatted(name, context.stepKey()),
                DocumentSnapshots.KIND,
                this::writeTo);
    new SnapshotReader(context).verify(artifact);
    context
        .artifacts()
        .write(
            context.runId(),
            artifact.name() + ".verified.json",
            DocumentSnapshots.VERIFIED_KIND,
            out -> {
              Map<String, String> what = Map.of(DocumentSnapshots.SNAPSHOT, artifact.id());
              out.write(Json.MAPPER.writeValueAsBytes(what));
              return what;
            });
    return DocumentSnapshot.of(artifact, true);
  }

  private Map<String, String> writeTo(OutputStream out) throws IOException {
    requireStore();
    List<Place> places = SnapshotManifest.places(target);
    seen.clear();
    total = 0;
    done = 0;
    for (Place place : places) {
      total += FileState.attributes(place.file()).map(FileState::size).orElse(0L);
    }
    List<Entry> entries = new ArrayList<>();
    OutputStream packed = Zstd.compress(out);
    TarArchiveOutputStream tar = new TarArchiveOutputStream(packed);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    for (Place place : places) {
      entries.add(add(place, tar));
    }
    refuseChanged();
    SnapshotManifest manifest =
        new SnapshotManifest(
            target.identity().orElseThrow(), Instant.now().truncatedTo(ChronoUnit.MILLIS), entries);
    byte[] bytes = Json.MAPPER.writeValueAsBytes(manifest);
    TarArchiveEntry last = new TarArchiveEntry(SnapshotManifest.NAME);
    last.setSize(bytes.length);
    tar.putArchiveEntry(last);
    tar.write(bytes);
    tar.closeArchiveEntry();
    tar.finish();
    packed.close();
    return details(entries);
  }

  /**
   * Requires the legacy directory, though its files may be missing: a volume that is not mounted
   * must not pass for an empty store.
   */
  private void requireStore() {
    if (!Files.isDirectory(target.legacy())) {
      throw new TargetException(
          "there is no directory %s, so nothing was kept of %s; is its volume mounted? Bring it back, then retry"
              .formatted(target.legacy(), target.describe()));
    }
  }

  private Map<String, String> details(List<Entry> entries) {
    Map<String, String> details = new LinkedHashMap<>();
    details.put(DocumentSnapshots.IDENTITY, target.identity().orElseThrow());
    details.put("files", Long.toString(entries.stream().filter(Entry::present).count()));
    details.put("bytes", Long.toString(done));
    details.put("format", "tar.zst");
    details.put(
        "restore", "tar --zstd -xf <file>, when it is not encrypted; MANIFEST.json has the rest");
    for (Entry entry : entries) {
      details.put(
          RunSnapshot.key(entry.role(), entry.name()), entry.present() ? entry.sha256() : ABSENT);
    }
    return details;
  }

  private Entry add(Place place, TarArchiveOutputStream tar) throws IOException {
    context.cancellation().throwIfCancelled();
    Optional<FileState> found = FileState.attributes(place.file());
    if (found.isEmpty()) {
      return Entry.absent(place);
    }
    FileState state = found.get();
    seen.put(place.file(), state);
    TarArchiveEntry entry = new TarArchiveEntry(place.path());
    entry.setSize(state.size());
    entry.setModTime(state.modified());
    tar.putArchiveEntry(entry);
    MessageDigest digest = FileState.digest();
    byte[] buffer = new byte[BUFFER];
    long left = state.size();
    try (FileChannel channel = FileChannel.open(place.file(), StandardOpenOption.READ)) {
      while (left > 0) {
        context.cancellation().throwIfCancelled();
        int read = channel.read(ByteBuffer.wrap(buffer, 0, (int) Math.min(left, buffer.length)));
        if (read < 0) {
          throw changed(place.file());
        }
        tar.write(buffer, 0, read);
        digest.update(buffer, 0, read);
        left -= read;
        done += read;
        context.progress().report(done, total, "bytes", place.name());
      }
    }
    tar.closeArchiveEntry();
    return new Entry(
        place.role(),
        place.name(),
        state.size(),
        FileState.hex(digest),
        Files.getLastModifiedTime(place.file()).toMillis(),
        FileOwner.of(place.file()));
  }

  private void refuseChanged() throws IOException {
    for (Map.Entry<Path, FileState> file : seen.entrySet()) {
      Optional<FileState> now = FileState.attributes(file.getKey());
      if (now.isEmpty() || !now.get().sameAttributes(file.getValue())) {
        throw changed(file.getKey());
      }
    }
  }

  private static TargetException changed(Path file) {
    return new TargetException(
        "%s was changed while the snapshot was taken, so it is none; stop what writes to it, then retry"
            .formatted(file));
  }
}
