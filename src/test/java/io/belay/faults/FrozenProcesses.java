package io.belay.faults;

import java.io.Closeable;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.postgresql.PGConnection;

/** A process and all its children, stopped by SIGSTOP until this is closed. */
public final class FrozenProcesses implements Closeable {

  private final List<Long> frozen = new ArrayList<>();

  private FrozenProcesses() {}

  /** The process first, so that it starts no more children meanwhile. */
  public static FrozenProcesses of(ProcessHandle process) throws IOException {
    FrozenProcesses frozen = new FrozenProcesses();
    try {
      frozen.freeze(process);
      for (ProcessHandle child : process.descendants().toList()) {
        frozen.freeze(child);
      }
      return frozen;
    } catch (IOException e) {
      frozen.close();
      throw e;
    }
  }

  /** A PostgreSQL server on this machine, found by the process of an open session. */
  public static FrozenProcesses serverOf(Connection session) throws IOException, SQLException {
    int pid = session.unwrap(PGConnection.class).getBackendPID();
    return of(
        ProcessHandle.of(pid)
            .flatMap(ProcessHandle::parent)
            .orElseThrow(() -> new IOException("there is no process " + pid)));
  }

  private void freeze(ProcessHandle process) throws IOException {
    frozen.add(process.pid());
    signal("STOP", process.pid());
  }

  private static void signal(String signal, long pid) throws IOException {
    Process kill =
        new ProcessBuilder("/bin/kill", "-" + signal, Long.toString(pid))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      kill.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    for (long pid :
        (Iterable<Long>)
            Stream.concat(frozen.stream().skip(1), frozen.stream().limit(1))::iterator) {
      signal("CONT", pid);
    }
  }
}
