package io.belay.target;

import static org.awaitility.Awaitility.await;

import io.belay.playground.Needs;
import io.belay.playground.Ports;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A real MariaDB with a database {@code shop}; a test is skipped where none is installed. */
public final class MariaDbServer implements AutoCloseable {

  private static final Path SERVER = Path.of("/usr/sbin/mariadbd");
  private static final Path INSTALL = Path.of("/usr/bin/mariadb-install-db");

  /** Of the user {@code app}. */
  public static final String PASSWORD = "pw-maria";

  final int port = Ports.free();
  private final Process process;

  private MariaDbServer(Path directory) throws IOException, InterruptedException {
    Needs.that(
        Files.isExecutable(SERVER) && Files.isExecutable(INSTALL),
        "Debian's package mariadb-server-core");
    String user = System.getProperty("user.name");
    Path data = directory.resolve("data");
    Process install =
        start(
            directory,
            INSTALL.toString(),
            "--no-defaults",
            "--datadir=" + data,
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--user=" + user);
    if (install.waitFor() != 0) {
      throw new IOException(Files.readString(directory.resolve("log")));
    }
    Path init =
        Files.writeString(
            directory.resolve("init.sql"),
            """
            CREATE DATABASE shop;
            CREATE DATABASE other;
            CREATE USER 'app'@'%%' IDENTIFIED BY '%s';
            GRANT ALL ON *.* TO 'app'@'%%';
            """
                .formatted(PASSWORD));
    process =
        start(
            directory,
            SERVER.toString(),
            "--no-defaults",
            "--user=" + user,
            "--datadir=" + data,
            "--port=" + port,
            "--bind-address=127.0.0.1",
            "--socket=" + directory.resolve("socket"),
            "--pid-file=" + directory.resolve("pid"),
            "--init-file=" + init);
  }

  private static Process start(Path directory, String... command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
        .start();
  }

  public static MariaDbServer start(Path directory) throws IOException, InterruptedException {
    MariaDbServer server = new MariaDbServer(directory);
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(
            () -> {
              new Socket("127.0.0.1", server.port).close();
              return true;
            });
    return server;
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
