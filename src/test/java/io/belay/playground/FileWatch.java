package io.belay.playground;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts how often each file of a directory was put in place, by whomever. Counts all the time: the
 * system keeps only so many events for whoever asks late.
 */
final class FileWatch implements Closeable {

  private static final long SETTLED_MILLIS = 300;

  private final WatchService watcher;
  private final SortedMap<String, Long> written = new TreeMap<>();
  private long events;
  private boolean overflow;

  FileWatch(Path directory) throws IOException {
    watcher = directory.getFileSystem().newWatchService();
    directory.register(
        watcher, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
    Thread thread = new Thread(this::count, "file-watch");
    thread.setDaemon(true);
    thread.start();
  }

  private void count() {
    try {
      while (true) {
        WatchKey key = watcher.take();
        count(key.pollEvents());
        key.reset();
      }
    } catch (ClosedWatchServiceException over) {
      // the world ends
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void count(List<WatchEvent<?>> happened) {
    for (WatchEvent<?> event : happened) {
      events++;
      if (event.kind() == StandardWatchEventKinds.OVERFLOW) {
        overflow = true;
        continue;
      }
      String name = event.context().toString();
      if (event.kind() == StandardWatchEventKinds.ENTRY_CREATE && !name.startsWith(".")) {
        written.merge(name, (long) event.count(), Long::sum);
      }
    }
  }

  /**
   * How often files appeared or were replaced, by name; temporary files (that begin with a dot) do
   * not count. Waits until nothing happens any more.
   */
  SortedMap<String, Long> written() throws InterruptedException, IOException {
    for (long before = -1; before != events(); ) {
      before = events();
      Thread.sleep(SETTLED_MILLIS);
    }
    synchronized (this) {
      if (overflow) {
        throw new IOException("more files were written than could be counted");
      }
      return new TreeMap<>(written);
    }
  }

  private synchronized long events() {
    return events;
  }

  @Override
  public void close() throws IOException {
    watcher.close();
  }
}
