package io.belay.command;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Keeps the first bytes written and drops the rest. */
final class FirstBytes extends OutputStream {

  private final int most;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private boolean whole = true;

  FirstBytes(int most) {
    this.most = most;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    int room = Math.min(length, most - kept.size());
    kept.write(bytes, offset, room);
    whole &= room == length;
  }

  /** Drops all further bytes. */
  synchronized void breakOff() {
    whole = false;
  }

  synchronized boolean isWhole() {
    return whole;
  }

  synchronized String text() {
    return kept.toString(StandardCharsets.UTF_8);
  }
}
