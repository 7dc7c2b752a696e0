package io.belay.matrix;

import io.belay.Belay;
import io.belay.playground.World;
import io.belay.runbooks.Moments;
import io.belay.step.StepObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** Belay in this JVM, without its pages: for what needs no kill. */
final class BelayInside implements AutoCloseable {

  private final ConfigurableApplicationContext context;

  BelayInside(World world) throws IOException {
    Path directory = Files.createTempDirectory("belay-inside-");
    Map<String, Object> properties = new LinkedHashMap<>(world.properties());
    properties.putAll(
        Map.of(
            "belay.test.without-pages",
            "true",
            "spring.main.web-application-type",
            "none",
            "spring.main.lazy-initialization",
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
            "spring.jmx.enabled", "false",
            "spring.main.banner-mode", "off"));
    context =
        new SpringApplicationBuilder(Belay.class, Moments.class)
            .profiles("playground")
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
