package io.belay.matrix;

import static org.awaitility.Awaitility.await;

import io.belay.Belay;
import io.belay.engine.control.RunControl;
import io.belay.playground.World;
import io.belay.run.RunStatus;
import io.belay.run.Runs;
import io.belay.runbooks.Moments;
import io.belay.step.StepObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** Belay in this JVM, without its pages: for what needs no kill. */
final class BelayInside implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final ConfigurableApplicationContext context;

  BelayInside(World world) throws IOException {
    Path directory = Files.createTempDirectory("belay-inside-");
    Map<String, Object> properties = new LinkedHashMap<>(world.properties());
    properties.putAll(
        Map.of(
            "belay.test.without-pages",
            "true",
            "belay.environments",
            Path.of("environments").toAbsolutePath().toString(),
            "belay.artifacts.directory",
            directory.resolve("artifacts").toString(),
            "spring.datasource.url",
            "jdbc:h2:mem:" + directory.getFileName() + ";DB_CLOSE_DELAY=-1"));
    properties.putAll(
        Map.of(
            "belay.step.attempts", "2",
            "belay.step.backoff", "100ms",
            "belay.step.heartbeat", "500ms",
            "belay.step.poll", "200ms",
            "spring.jmx.enabled", "false"));
    context =
        new SpringApplicationBuilder(Belay.class, Moments.class)
            .profiles("playground")
            .web(WebApplicationType.NONE)
            .lazyInitialization(true)
            .bannerMode(Banner.Mode.OFF)
            .initializers(
                belay ->
                    belay
                        .getEnvironment()
                        .getPropertySources()
                        .addFirst(new MapPropertySource("world", properties)))
            .run();
    // Failed steps are what this is for; the log need not tell them.
    LoggingSystem.get(getClass().getClassLoader()).setLogLevel("ROOT", LogLevel.ERROR);
  }

  ConfigurableApplicationContext context() {
    return context;
  }

  /** What must have been done before such a run, and the time between them. */
  void before(Scenario scenario, World world) {
    if (scenario.earlier() == null) {
      return;
    }
    RunControl control = context.getBean(RunControl.class);
    Runs runs = context.getBean(Runs.class);
    String run =
        control.start(
            scenario.earlier().runbook(), null, scenario.earlier().parameters(), "operator");
    await(scenario.earlier().runbook())
        .atMost(PATIENCE)
        .until(() -> runs.status(run).orElseThrow() == RunStatus.COMPLETED);
    EarlierRun.passTime(world);
  }

  RungMatrix.Watcher watcher() {
    Moments moments = context.getBean(Moments.class);
    return new RungMatrix.Watcher() {
      @Override
      public void everywhere(StepObserver observer) {
        moments.everywhere(observer);
      }

      @Override
      public void clear() {
        moments.clear();
      }
    };
  }

  @Override
  public void close() {
    context.close();
  }
}
