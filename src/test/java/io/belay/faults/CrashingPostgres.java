package io.belay.faults;

import io.belay.playground.EmbeddedServers;
import io.belay.playground.Ports;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A PostgreSQL that can crash: all its processes are killed at once. What they had written is then
 * as safe as on a disk, but not the log of transactions with {@code synchronous_commit = off} that
 * was still in shared memory. {@link #holdLog} keeps it there.
 */
public final class CrashingPostgres implements Closeable {

  private final Path directory;
  private final int port;
  private EmbeddedPostgres server;

  /**
   * @param directory that is not there yet
   */
  public CrashingPostgres(Path directory) throws IOException {
    this(directory, Ports.free());
    start();
  }

  private CrashingPostgres(Path directory, int port) {
    this.directory = directory;
    this.port = port;
  }

  /** Starts it, with what it held when it was there before. */
  public void start() throws IOException {
    server =
        EmbeddedServers.postgres()
            .setDataDirectory(directory)
            .setCleanDataDirectory(false)
            .setPort(port)
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .start();
  }

  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(port);
  }

  /**
   * From now on only sessions that wait for their commit write the log: its own writer, which
   * otherwise comes by within a moment, is stopped.
   */
  public void holdLog() throws IOException {
    List<ProcessHandle> writers = postmaster().children().filter(isCalled("walwriter")).toList();
    if (writers.size() != 1) {
      throw new IOException("this server has %d writers of its log".formatted(writers.size()));
    }
    signal("STOP", writers.get(0).pid());
  }

  /** Kills every process of the server at once. */
  public void crash() throws IOException {
    ProcessHandle postmaster = postmaster();
    List<ProcessHandle> all = new ArrayList<>(List.of(postmaster));
    postmaster.children().forEach(all::add);
    all.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle process : all) {
      try {
        process.onExit().get(30, TimeUnit.SECONDS);
      } catch (Exception e) {
        throw new IOException("process %d does not end".formatted(process.pid()), e);
      }
    }
    // Releases its hold of the directory; there is nothing left to be stopped.
    server.close();
  }

  /**
   * What is on the disk of the crashed server, as another one on a copy of it.
   *
   * @param copy directory that is not there yet
   */
  public CrashingPostgres survivor(Path copy) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (!name.equals("postmaster.pid") && !name.equals("epg-lock")) {
          Files.copy(file, copy.resolve(directory.relativize(file)));
        }
      }
    }
    CrashingPostgres survivor = new CrashingPostgres(copy, Ports.free());
    survivor.start();
    return survivor;
  }

  private ProcessHandle postmaster() throws IOException {
    String pid = Files.readAllLines(directory.resolve("postmaster.pid")).get(0).strip();
    return ProcessHandle.of(Long.parseLong(pid))
        .orElseThrow(() -> new IOException("the server does not run"));
  }

  /** A process of PostgreSQL calls itself what it does; that is all of its command line. */
  private static Predicate<ProcessHandle> isCalled(String name) {
    return process -> {
      try {
        return Files.readString(Path.of("/proc/%d/cmdline".formatted(process.pid())))
            .contains(name);
      } catch (IOException gone) {
        return false;
      }
    };
  }

  private static void signal(String signal, long pid) throws IOException {
    try {
      new ProcessBuilder("/bin/kill", "-" + signal, Long.toString(pid)).start().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
