package io.belay.capability.backup;

import io.belay.step.StepContext;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Copies streams, reports the progress in bytes and stops on cancellation. */
final class ByteProgress {

  private static final int CHUNK = 256 * 1024;

  private final StepContext context;
  private final long total;
  private final String message;
  private long done;
  private long reported;

  ByteProgress(StepContext context, long total, String message) {
    this.context = context;
    this.total = total;
    this.message = message;
  }

  void at(long bytes) {
    done = bytes;
    context.progress().report(done, total, "bytes", message);
  }

  long done() {
    return done;
  }

  /** Passes everything on and counts it. */
  OutputStream counting(OutputStream out) {
    return new FilterOutputStream(out) {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        count(length);
      }
    };
  }

  /** Reads from {@code in}, counts the bytes and stops on cancellation. */
  InputStream counting(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        context.cancellation().throwIfCancelled();
        int n = in.read(bytes, offset, length);
        count(Math.max(n, 0));
        return n;
      }
    };
  }

  private void count(int bytes) {
    done += bytes;
    if (done - reported >= CHUNK) {
      reported = done;
      at(done);
    }
  }

  /** Copies all; any failure is thrown. */
  void copy(InputStream in, OutputStream out) throws IOException {
    byte[] chunk = new byte[CHUNK];
    for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
      context.cancellation().throwIfCancelled();
      out.write(chunk, 0, n);
      at(done + n);
    }
  }

  /**
   * Copies all to a process. If it stops reading (because it has what it needs, or failed), its
   * exit code decides; the rest is then only read, so that a damaged source is still noticed.
   */
  void feed(InputStream in, OutputStream process) throws IOException {
    byte[] chunk = new byte[CHUNK];
    boolean reading = true;
    for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
      context.cancellation().throwIfCancelled();
      if (reading) {
        try {
          process.write(chunk, 0, n);
        } catch (IOException stoppedReading) {
          reading = false;
        }
      }
      at(done + n);
    }
    if (reading) {
      try {
        process.flush();
      } catch (IOException stoppedReading) {
        // the exit code decides
      }
    }
  }
}
