package io.belay.playground;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Counts how often each file of a directory was put in place, by whomever. */
final class FileWatch implements Closeable {

  private static final long SETTLED_MILLIS = 300;

  private final WatchService watcher;
  private final SortedMap<String, Long> written = new TreeMap<>();

  FileWatch(Path directory) throws IOException {
    watcher = directory.getFileSystem().newWatchService();
    directory.register(
        watcher, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
  }

  /**
   * How often files appeared or were replaced, by name; temporary files (that begin with a dot) do
   * not count.
   */
  synchronized SortedMap<String, Long> written() throws InterruptedException, IOException {
    for (WatchKey key = watcher.poll(SETTLED_MILLIS, TimeUnit.MILLISECONDS);
        key != null;
        key = watcher.poll(SETTLED_MILLIS, TimeUnit.MILLISECONDS)) {
      for (WatchEvent<?> event : key.pollEvents()) {
        if (event.kind() == StandardWatchEventKinds.OVERFLOW) {
          throw new IOException("more files were written than could be counted");
        }
        String name = event.context().toString();
        if (event.kind() == StandardWatchEventKinds.ENTRY_CREATE && !name.startsWith(".")) {
          written.merge(name, (long) event.count(), Long::sum);
        }
      }
      key.reset();
    }
    return new TreeMap<>(written);
  }

  @Override
  public void close() throws IOException {
    watcher.close();
  }
}
