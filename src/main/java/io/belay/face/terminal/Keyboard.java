package io.belay.face.terminal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * What a person types, line by line. A task's question and that of Ctrl-C may wait at the same
 * time; Ctrl-C's then gets the next line, and the task's gets none any more.
 */
final class Keyboard {

  private final Deque<String> lines = new ArrayDeque<>();
  private boolean ended;
  private boolean reserved;

  Keyboard(Reader input) {
    Thread thread = new Thread(() -> listen(new BufferedReader(input)), "keyboard");
    thread.setDaemon(true);
    thread.start();
  }

  static Keyboard ofThisProcess() {
    return new Keyboard(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  }

  private void listen(BufferedReader input) {
    try {
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        typed(line);
      }
    } catch (IOException e) {
      // The terminal is gone, so nobody can answer.
    }
    end();
  }

  private synchronized void typed(String line) {
    lines.add(line);
    notifyAll();
  }

  private synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** Whether the next line is for {@link #readFirst}. */
  synchronized boolean isReserved() {
    return reserved;
  }

  /**
   * The next line.
   *
   * @throws IOException when the input has ended
   */
  synchronized String read() throws IOException, InterruptedException {
    while (reserved || lines.isEmpty() && !ended) {
      wait();
    }
    if (lines.isEmpty()) {
      throw new IOException("the input ended before an answer was given");
    }
    return lines.remove();
  }

  /** The next line, ahead of {@link #read}; null when none comes in time or the input has ended. */
  synchronized String readFirst(Duration patience) throws InterruptedException {
    reserved = true;
    lines.clear();
    long deadline = System.nanoTime() + patience.toNanos();
    for (long left = patience.toNanos();
        lines.isEmpty() && !ended && left > 0;
        left = deadline - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return lines.poll();
  }
}
