package io.belay.command;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Standard input of a child process. Distinguishes a process that stopped reading (its exit code
 * says why) from a source that failed (then the process must be killed before this is closed, or it
 * takes partial input for complete).
 */
final class ChildInput extends FilterOutputStream {

  private IOException refusal;

  ChildInput(OutputStream out) {
    super(out);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      refusal = e;
      throw e;
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      refusal = e;
      throw e;
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      refusal = e;
    }
  }

  boolean isRefused() {
    return refusal != null;
  }

  IOException refusal() {
    return refusal;
  }
}
