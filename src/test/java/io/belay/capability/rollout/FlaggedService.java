package io.belay.capability.rollout;

import io.belay.gateway.TestBackend;
import io.belay.target.Command;
import io.belay.target.Secret;
import io.belay.target.ServiceTarget;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * A service that is started and stopped by real commands: it runs while its flag file exists, and
 * each command leaves a line in a log, so that a test sees what was done, and how often.
 */
final class FlaggedService {

  final Path flag;
  private final Path log;

  FlaggedService(Path directory, String name) {
    this.flag = directory.resolve(name + ".running");
    this.log = directory.resolve("commands.log");
  }

  /** Answers as long as one of the services runs that share its address. */
  static TestBackend server(FlaggedService... services) throws IOException {
    return new TestBackend(
        exchange -> {
          boolean up = Arrays.stream(services).anyMatch(FlaggedService::runs);
          TestBackend.text(exchange, up ? 200 : 503, up ? "up" : "down");
        });
  }

  boolean runs() {
    return Files.exists(flag);
  }

  void runs(boolean runs) throws IOException {
    if (runs) {
      Files.writeString(flag, "");
    } else {
      Files.deleteIfExists(flag);
    }
  }

  Command start() {
    return shell("echo start %s >> %s; touch %s".formatted(name(), log, flag));
  }

  Command stop() {
    return shell("echo stop %s >> %s; rm -f %s".formatted(name(), log, flag));
  }

  Command running() {
    return Command.of("test", "-e", flag.toString());
  }

  private String name() {
    return flag.getFileName().toString().replace(".running", "");
  }

  static Command shell(String script) {
    return Command.of("sh", "-c", script);
  }

  ServiceTarget target(URI url) {
    return target(url, start(), stop(), List.of());
  }

  static ServiceTarget target(
      URI url, Command start, Command stop, List<ServiceTarget.Instance> instances) {
    return service(url, start, stop, null, instances);
  }

  ServiceTarget withRunning(URI url) {
    return service(url, start(), stop(), running(), List.of());
  }

  ServiceTarget.Instance instance(String instance, URI url) {
    return new ServiceTarget.Instance(instance, url, start(), stop(), running());
  }

  static ServiceTarget service(
      URI url,
      Command start,
      Command stop,
      Command running,
      List<ServiceTarget.Instance> instances) {
    return new ServiceTarget(
        url,
        "/health",
        "/health",
        null,
        null,
        List.of(),
        null,
        Secret.none(),
        List.of(),
        start,
        stop,
        running,
        Duration.ofSeconds(2),
        Duration.ofSeconds(2),
        instances);
  }
}
