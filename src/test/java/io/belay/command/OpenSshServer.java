package io.belay.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.playground.Needs;
import io.belay.playground.Ports;
import io.belay.target.Secret;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The system's own sshd, for this very user; a test is skipped where none is installed. */
public final class OpenSshServer implements AutoCloseable {

  private static final Path SSHD = Path.of("/usr/sbin/sshd");

  private final Path directory;
  private final int port;
  private final Process process;

  private OpenSshServer(Path directory, int port, Process process) {
    this.directory = directory;
    this.port = port;
    this.process = process;
  }

  /**
   * @param directory for its keys
   * @param more lines of its configuration
   */
  public static OpenSshServer start(Path directory, String... more) throws Exception {
    Needs.that(Files.isExecutable(SSHD), "Debian's package openssh-server");
    Path separation = Path.of("/run/sshd"); // a service that was never started has not made it
    if (System.getProperty("user.name").equals("root")) {
      Files.createDirectories(separation);
    }
    Needs.that(Files.isDirectory(separation), separation + ", which sshd needs");
    generate(directory.resolve("host"));
    generate(directory.resolve("login"));
    Files.copy(directory.resolve("login.pub"), directory.resolve("authorized"));
    int port = Ports.free();
    Path configuration =
        Files.writeString(
            directory.resolve("config"),
            """
            ListenAddress 127.0.0.1:%d
            HostKey %2$s/host
            AuthorizedKeysFile %2$s/authorized
            PidFile none
            UsePAM no
            StrictModes no
            PermitRootLogin yes
            PasswordAuthentication no
            %3$s
            """
                .formatted(port, directory, String.join("\n", more)));
    Process process =
        new ProcessBuilder(SSHD.toString(), "-D", "-e", "-f", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    await()
        .ignoreExceptions()
        .until(
            () -> {
              new Socket("127.0.0.1", port).close();
              return true;
            });
    return new OpenSshServer(directory, port, process);
  }

  private static void generate(Path file) throws Exception {
    run(Map.of(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString());
  }

  static void run(Map<String, String> environment, String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
  }

  Path directory() {
    return directory;
  }

  /** Logged in to by a key file. */
  public HostTarget host() {
    return host(directory.resolve("login"), null);
  }

  HostTarget host(Path key, Path agent) {
    try {
      return new HostTarget(
          "127.0.0.1",
          port,
          System.getProperty("user.name"),
          List.of(Files.readString(directory.resolve("host.pub")).strip()),
          key,
          Secret.none(),
          agent,
          Duration.ofSeconds(20));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
