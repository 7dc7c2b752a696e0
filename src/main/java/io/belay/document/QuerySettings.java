package io.belay.document;

import io.belay.file.PrivateFiles;
import io.belay.target.DocumentStoreTarget;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The durable {@link QuerySetting} of a store: the file {@code mode.json} in its {@code state}
 * directory, replaced as a whole, so that every node sees the same and a restart changes nothing.
 */
public final class QuerySettings {

  private static final Object ONE_AT_A_TIME = new Object();

  private final Path file;
  private volatile Seen seen;

  private record Seen(FileState state, QuerySetting setting) {}

  /** Outlives a restore of the mode, which brings back an older number. */
  private record Fence(long fence) {}

  private QuerySettings(Path file) {
    this.file = file;
  }

  public static QuerySettings of(DocumentStoreTarget target) {
    return new QuerySettings(target.state().resolve("mode.json"));
  }

  /**
   * Reads the file if it is another than the last time.
   *
   * @throws TargetException when somebody made it unreadable: to guess would be worse
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
    // Attributes first: a file that is replaced in between looks different the next time.
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
   * @param fence of the lease under which that is done
   * @return the setting before
   * @throws TargetException when somebody with a later lease has set it already
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
   * Call it before the file is put back to an older one: whoever has an earlier lease cannot set
   * the mode afterwards, whatever number the older file has.
   *
   * @param fence of the lease under which that is done; 0 when there is none
   * @throws TargetException when somebody with a later lease has set the mode, or restored it
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

  /** What somebody made unreadable is what a restore may be for. */
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
    synchronized (ONE_AT_A_TIME) { // the lock on the file is one of processes, not of threads
      PrivateFiles.directories(file.getParent());
      try (FileChannel lock = PrivateFiles.open(file.resolveSibling("mode.lock"))) {
        lock.lock(); // until it is closed
        return change.make();
      }
    }
  }
}
