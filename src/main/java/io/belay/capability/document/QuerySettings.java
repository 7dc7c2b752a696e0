package io.belay.capability.document;

import io.belay.file.PrivateFiles;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The durable {@link QuerySetting} of a store: the file {@code mode.json} in its {@code state}
 * directory, replaced as a whole, so that every node sees the same, also after a restart.
 */
public final class QuerySettings {

  private static final Object ONE_AT_A_TIME = new Object();

  private final Path file;
  private volatile Seen seen;

  private record Seen(FileState state, QuerySetting setting) {}

  /** Kept separately, since a restore of the mode brings back an older number. */
  private record Fence(long fence) {}

  private QuerySettings(Path file) {
    this.file = file;
  }

  public static QuerySettings of(DocumentStoreTarget target) {
    return new QuerySettings(target.state().resolve("mode.json"));
  }

  /**
   * Reads the file if it has changed since the last time.
   *
   * @throws TargetException when the file is unreadable: guessing would be worse
   */
  public QuerySetting current() throws IOException {
    Optional<FileState> now = FileState.attributes(file);
    if (now.isEmpty()) {
      return QuerySetting.INITIAL;
    }
    Seen known = seen;
    if (known != null && known.state().sameAttributes(now.get())) {
      return known.setting();
    }
    // Attributes first: a file that is replaced in between differs the next time.
    QuerySetting read = read();
    seen = new Seen(now.get(), read);
    return read;
  }

  private QuerySetting read() throws IOException {
    QuerySetting setting = StateFile.read(file, QuerySetting.class).orElse(QuerySetting.INITIAL);
    if (setting.mode() == null) {
      throw new TargetException(
          "%s does not say a mode; it is one of Belay's own files and was changed by somebody else. Set the mode again"
              .formatted(file));
    }
    return setting;
  }

  /**
   * Sets how queries are answered.
   *
   * @param fence of the caller's lease
   * @return the setting before
   * @throws TargetException when the holder of a later lease has already set it
   */
  public QuerySetting set(
      QueryMode mode, boolean preferNew, boolean fallback, long fence, String by)
      throws IOException {
    return alone(
        () -> {
          QuerySetting before = read();
          requireNotBefore(fence, before);
          Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
          StateFile.write(file, new QuerySetting(mode, preferNew, fallback, fence, by, now));
          return before;
        });
  }

  /**
   * Call before an older file is restored: afterwards no holder of an earlier lease can set the
   * mode, whatever number the older file has.
   *
   * @param fence of the caller's lease; 0 when there is none
   * @throws TargetException when the holder of a later lease has set or restored the mode
   */
  void beginRestore(long fence) throws IOException {
    if (fence == 0) {
      return;
    }
    alone(
        () -> {
          QuerySetting before = readable();
          requireNotBefore(fence, before);
          StateFile.write(fenceFile(), new Fence(fence));
          return before;
        });
  }

  /** Tolerates an unreadable file, which may be the reason for a restore. */
  private QuerySetting readable() throws IOException {
    try {
      return read();
    } catch (TargetException damaged) {
      return QuerySetting.INITIAL;
    }
  }

  private void requireNotBefore(long fence, QuerySetting before) throws IOException {
    if (fence < before.fence()) {
      throw new TargetException(
          "the query mode was set to %s by %s under a later lease (%d) than this one (%d); it stays as it is"
              .formatted(before.mode().text(), before.by(), before.fence(), fence));
    }
    long restored = StateFile.read(fenceFile(), Fence.class).map(Fence::fence).orElse(0L);
    if (fence < restored) {
      throw new TargetException(
          "the query mode was restored under a later lease (%d) than this one (%d); it stays as it is"
              .formatted(restored, fence));
    }
  }

  private Path fenceFile() {
    return file.resolveSibling("mode-fence.json");
  }

  private interface Change {
    QuerySetting make() throws IOException;
  }

  private QuerySetting alone(Change change) throws IOException {
    synchronized (ONE_AT_A_TIME) { // a file lock excludes processes, not threads
      PrivateFiles.directories(file.getParent());
      try (FileChannel lock = PrivateFiles.open(file.resolveSibling("mode.lock"))) {
        lock.lock(); // held until the channel is closed
        return change.make();
      }
    }
  }
}
