package io.belay.capability.rollout;

import static org.awaitility.Awaitility.await;

import io.belay.playground.Needs;
import io.belay.playground.Ports;
import io.belay.target.RouterTarget;
import io.belay.target.Secret;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** A real HAProxy. */
public final class HaproxyProcess implements AutoCloseable {

  public final int port = Ports.free();
  final int admin = Ports.free();
  private final Path directory;
  private final Process process;

  /** For tests that cannot be skipped while they start. */
  public static boolean isHere() {
    return Needs.isMet(program().isPresent(), "Debian's package haproxy");
  }

  private static Optional<Path> program() {
    return Stream.concat(
            Stream.of("/usr/sbin"), Arrays.stream(System.getenv("PATH").split(File.pathSeparator)))
        .map(place -> Path.of(place, "haproxy"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private HaproxyProcess(Path directory, String configuration) throws IOException {
    Optional<Path> program = program();
    Needs.that(program.isPresent(), "Debian's package haproxy");
    this.directory = directory;
    Path file =
        Files.writeString(
            directory.resolve("haproxy.cfg"),
            configuration
                .replace("@ADMIN@", "ipv4@127.0.0.1:" + admin)
                .replace("@SOCKET@", socket().toString())
                .replace("@LISTEN@", "127.0.0.1:" + port));
    process =
        new ProcessBuilder(program.get().toString(), "-db", "-f", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("haproxy.out").toFile())
            .start();
  }

  /**
   * @param configuration with {@code @ADMIN@} and {@code @SOCKET@} where the stats sockets are, and
   *     {@code @LISTEN@} where users arrive
   */
  public static HaproxyProcess start(Path directory, String configuration) throws IOException {
    HaproxyProcess haproxy = new HaproxyProcess(directory, configuration);
    await()
        .atMost(Duration.ofMinutes(1))
        .failFast(
            "haproxy ended: see haproxy.out in " + directory, () -> !haproxy.process.isAlive())
        .ignoreExceptions()
        .until(
            () -> {
              new Socket("127.0.0.1", haproxy.port).close();
              return true;
            });
    return haproxy;
  }

  /** One frontend before the backend {@code main} with these lines. */
  public static HaproxyProcess withServers(Path directory, String servers) throws IOException {
    return start(
        directory,
        """
        global
          stats socket @ADMIN@ level admin
          stats socket @SOCKET@ level admin
        defaults
          mode http
          timeout connect 2s
          timeout client 10s
          timeout server 10s
        frontend users
          bind @LISTEN@
          default_backend main
        backend main
          balance roundrobin
        """
            + servers.indent(2));
  }

  Path socket() {
    return directory.resolve("s");
  }

  public RouterTarget target() {
    return target("main", URI.create("tcp://127.0.0.1:" + admin));
  }

  RouterTarget target(String backend, URI api) {
    return new RouterTarget(
        RouterTarget.Kind.HAPROXY,
        URI.create("http://127.0.0.1:" + port),
        api,
        Secret.none(),
        backend,
        "v1",
        "v2",
        Duration.ofSeconds(5));
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
