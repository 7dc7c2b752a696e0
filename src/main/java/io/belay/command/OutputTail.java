package io.belay.command;

import io.belay.target.Masking;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drains any amount of a process's output in bounded memory: passes on each line masked and keeps
 * the last ones. Lines end with LF or CR (progress bars); longer ones are cut.
 */
final class OutputTail implements Runnable {

  static final int LINE_BYTES = 8 * 1024;
  static final int TAIL_CHARS = 16 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(OutputTail.class);

  private final InputStream in;
  private final Masking masking;
  private final Consumer<String> lines;
  private final int keptBytes;
  private final Deque<String> tail = new ArrayDeque<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private int tailChars;
  private boolean receiverFailed;

  OutputTail(InputStream in, Masking masking, Consumer<String> lines) {
    this.in = in;
    this.masking = masking;
    this.lines = lines;
    this.keptBytes = LINE_BYTES + 1 + 4 * masking.longest(); // masked before it is cut
  }

  @Override
  public void run() {
    byte[] buffer = new byte[LINE_BYTES];
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try (in) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        int start = 0;
        for (int i = 0; i < read; i++) {
          if (buffer[i] == '\n' || buffer[i] == '\r') {
            append(line, buffer, start, i);
            end(line);
            start = i + 1;
          }
        }
        append(line, buffer, start, read);
      }
    } catch (IOException e) {
      LOG.debug("output ended: {}", e.getMessage()); // the process was killed
    } finally {
      end(line);
      ended.countDown();
    }
  }

  private void append(ByteArrayOutputStream line, byte[] buffer, int from, int to) {
    line.write(buffer, from, Math.max(0, Math.min(to - from, keptBytes - line.size())));
  }

  private void end(ByteArrayOutputStream line) {
    if (line.size() == 0) {
      return; // empty, for example between CR and LF
    }
    String masked = masking.mask(line.toString(StandardCharsets.UTF_8));
    line.reset();
    String cut = masked.length() > LINE_BYTES ? masked.substring(0, LINE_BYTES) + " [cut]" : masked;
    synchronized (tail) {
      tail.addLast(cut);
      tailChars += cut.length() + 1;
      while (tailChars > TAIL_CHARS && tail.size() > 1) {
        tailChars -= tail.removeFirst().length() + 1;
      }
    }
    pass(cut);
  }

  /** Passes a line on. A failing receiver must not stop the draining, or the process would hang. */
  private void pass(String line) {
    if (receiverFailed) {
      return;
    }
    try {
      lines.accept(line);
    } catch (RuntimeException e) {
      receiverFailed = true;
      LOG.warn("lines of a command are no longer passed on, their receiver failed", e);
    }
  }

  /** Waits for the end of the output. Returns false when something still holds it open. */
  boolean awaitEnd(long millis) throws InterruptedException {
    return ended.await(millis, TimeUnit.MILLISECONDS);
  }

  String text() {
    synchronized (tail) {
      return String.join("\n", tail);
    }
  }
}
