package io.belay.playground;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;

/** Breaks the document store, and takes the causes away again. */
final class DocumentFaults {

  private static final String STORE = "application.db";
  private static final int WRITE_EVERY_MILLIS = 20;

  private final DocumentFiles files;
  private final Set<String> damaged = new LinkedHashSet<>();
  private Thread writer;

  DocumentFaults(DocumentFiles files) {
    this.files = files;
  }

  /**
   * @throws IllegalStateException when the new store is to be broken and there is none
   */
  synchronized void cause(Fault.Kind kind) throws IOException {
    switch (kind) {
      case UNREADABLE_DOCUMENTS -> files.breakLine(damage("bookings.db"));
      case PLAIN_PASSWORD -> files.revealPassword(damage("users.db"));
      case CHANGING_DOCUMENTS -> startWriter(damage("users.db"));
      case BROKEN_STORE -> {
        if (!files.has(STORE)) {
          throw new IllegalStateException(
              "there is no %s yet that could be broken".formatted(STORE));
        }
        files.zeroMiddle(STORE);
      }
      default -> throw new IllegalArgumentException(kind + " does not hit the document store");
    }
  }

  private String damage(String file) {
    damaged.add(file);
    return file;
  }

  private void startWriter(String file) {
    writer = new Thread(() -> write(file), "playground-document-writer");
    writer.setDaemon(true);
    writer.start();
  }

  private void write(String file) {
    try {
      while (true) {
        files.append(file);
        Thread.sleep(WRITE_EVERY_MILLIS);
      }
    } catch (InterruptedException stopped) {
      // repaired
    } catch (IOException e) {
      System.err.println("playground: " + e);
    }
  }

  /**
   * The legacy files are as at first again; a new file that was broken is the run's to take back.
   */
  synchronized void repair() throws IOException, InterruptedException {
    if (writer != null) {
      writer.interrupt();
      writer.join();
      writer = null;
    }
    for (String file : damaged) {
      files.restore(file);
    }
    damaged.clear();
  }
}
