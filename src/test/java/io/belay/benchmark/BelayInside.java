package io.belay.benchmark;

import io.belay.Belay;
import io.belay.engine.control.RunControl;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.target.Environment;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.RuntimeService;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.Lifecycle;
import org.springframework.context.annotation.Bean;

/**
 * The whole of Belay in this process, as it is delivered, with the steps of benchmarks added. Run
 * number n works in an environment of its own, {@code e<n>}, because a target has one run.
 */
final class BelayInside implements AutoCloseable {

  static final String OPERATOR = "olga";
  static final String APPROVER = "anna";

  /** Steps that do nothing, or nothing but wait. */
  @TestConfiguration(proxyBeanMethods = false)
  static class Steps {

    @Bean
    DoNothing doNothing() {
      return new DoNothing();
    }

    @Bean
    WaitForIo waitForIo() {
      return new WaitForIo();
    }
  }

  record Nothing() {}

  static class DoNothing extends StepDelegate<Nothing, StepDelegate.Done> {

    DoNothing() {
      super(Nothing.class, StepDelegate.Done.class);
    }

    @Override
    public Done perform(Nothing input, StepContext context) throws Exception {
      return new Done();
    }

    @Override
    public StepPlan.Effect effect() {
      return StepPlan.Effect.OBSERVES;
    }

    @Override
    public StepPlan plan(Nothing input, Environment environment) {
      return StepPlan.observes("", "Does nothing");
    }
  }

  /** As a step that waits for a system outside: without use of the processor. */
  static class WaitForIo extends DoNothing {

    static final Duration PAUSE = Duration.ofMillis(200);

    @Override
    public Done perform(Nothing input, StepContext context) throws Exception {
      Thread.sleep(PAUSE.toMillis());
      return new Done();
    }
  }

  private final ConfigurableApplicationContext context;

  /**
   * @param url of the engine's database
   * @param directory with {@code processes}; gets environments and artifacts
   */
  BelayInside(String url, String user, Path directory, String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    settings(url, user, directory)
        .forEach((name, value) -> arguments.add("--%s=%s".formatted(name, value)));
    context =
        SpringApplication.run(
            new Class<?>[] {Belay.class, Steps.class}, arguments.toArray(String[]::new));
  }

  static Map<String, String> settings(String url, String user, Path directory) {
    Map<String, String> all =
        new HashMap<>(
            Map.of(
                "spring.datasource.url",
                url,
                "spring.datasource.username",
                user,
                "server.port",
                "0",
                "spring.main.banner-mode",
                "off",
                "logging.level.root",
                "WARN",
                "logging.level.org.camunda.bpm",
                "WARN",
                "belay.processes",
                directory.resolve("processes").toString(),
                "belay.environments",
                directory.resolve("environments").toString(),
                "belay.artifacts.directory",
                directory.resolve("artifacts").toString(),
                "belay.security.playground",
                "true"));
    Map.of(OPERATOR, "operator", APPROVER, "approver", "adam", "administrator")
        .forEach(
            (name, role) -> {
              all.put("belay.security.users." + name + ".password", name);
              all.put("belay.security.users." + name + ".roles", role);
            });
    return all;
  }

  /** Environments {@code e1} to {@code e<count>}; nothing connects to them. */
  static void environments(Path directory, int count) throws IOException {
    for (int number = 1; number <= count; number++) {
      environment(directory.resolve("environments").resolve("e%d.yml".formatted(number)), number);
    }
  }

  /** Writes an environment whose target is another one for each number. */
  static void environment(Path file, int number) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        """
        targets:
          cache:
            type: redis
            host: 10.%d.%d.%d
        """
            .formatted(number >> 16, number >> 8 & 255, number & 255));
  }

  /** Starts a run in the environment of that number; returns its id. */
  String start(String runbook, String name, int environment) {
    return start(runbook, name, "e" + environment);
  }

  String start(String runbook, String name, String environment) {
    return get(RunControl.class).start(runbook, name, Map.of("environment", environment), OPERATOR);
  }

  RuntimeService runtime() {
    return get(RuntimeService.class);
  }

  /** Its steps are worked on, as they are from the beginning. */
  void work() {
    if (!worker().isRunning()) {
      worker().start();
    }
  }

  /** Fetches no steps: any engine of this process would wake it. */
  void rest() {
    worker().stop();
  }

  private Lifecycle worker() {
    return context.getBean("stepWorker", Lifecycle.class);
  }

  <T> T get(Class<T> type) {
    return context.getBean(type);
  }

  URI url() {
    return URI.create(
        "http://127.0.0.1:"
            + ((ServletWebServerApplicationContext) context).getWebServer().getPort());
  }

  @Override
  public void close() {
    context.close();
  }
}
