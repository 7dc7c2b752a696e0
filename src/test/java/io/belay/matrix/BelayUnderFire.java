package io.belay.matrix;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.matrix.PeopleOfARun.Outcome;
import io.belay.playground.Leash;
import io.belay.playground.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/**
 * One run of a scenario by Belay as a process of its own, which is started again whenever it was
 * killed, until the run has ended or is stuck.
 */
final class BelayUnderFire {

  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final int KILLED = 128 + 9;

  private final World world;
  private final Path directory;
  private final QuickStart start;
  private final Map<String, Runnable> changes;

  /**
   * @param directory for all that Belay writes
   * @param changes what happens outside, by the names of {@link PeopleOfARun}
   */
  BelayUnderFire(World world, Path directory, QuickStart start, Map<String, Runnable> changes) {
    this.world = world;
    this.directory = directory;
    this.start = start;
    this.changes = changes;
  }

  /**
   * @param plan what to kill when, by step
   * @param durations of the steps in nanoseconds, where known
   * @param kills is told how often it was killed already
   */
  Outcome run(
      Scenario scenario,
      Map<String, KillMoment> plan,
      Map<String, String> durations,
      long seed,
      IntConsumer kills)
      throws Exception {
    ObjectMapper json = new ObjectMapper();
    prepare(directory, scenario, plan, durations);
    Path settings =
        settings(
            world,
            directory,
            Map.of(
                "belay.test.seed", String.valueOf(seed),
                "belay.test.orderly", String.valueOf(plan.isEmpty())));
    int killed = 0;
    Process process = null;
    try {
      while (true) {
        process = launch(settings, plan.isEmpty(), killed);
        int code = await(process);
        if (code == 0) {
          return json.readValue(directory.resolve("outcome.json").toFile(), Outcome.class);
        }
        if (code != KILLED || ++killed > plan.size()) {
          throw new IllegalStateException(
              "Belay ended with %d after %d kills:%n%s".formatted(code, killed, endOfLog()));
        }
        kills.accept(killed);
      }
    } finally {
      if (process != null && process.isAlive()) {
        process.destroyForcibly();
      }
    }
  }

  private int await(Process process) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!process.waitFor(50, TimeUnit.MILLISECONDS)) {
      for (Map.Entry<String, Runnable> change : changes.entrySet()) {
        Path done = directory.resolve(change.getKey() + PeopleOfARun.DONE);
        if (Files.exists(directory.resolve(change.getKey())) && !Files.exists(done)) {
          change.getValue().run();
          Files.createFile(done);
        }
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "the run did not end within %s:%n%s".formatted(PATIENCE, endOfLog()));
      }
    }
    return process.exitValue();
  }

  /** What was killed, by step; the value tells when. */
  Map<String, String> killed() throws IOException {
    return files(directory.resolve("killed"));
  }

  private static Map<String, String> files(Path of) throws IOException {
    Map<String, String> found = new java.util.TreeMap<>();
    try (Stream<Path> files = Files.list(of)) {
      for (Path file : files.toList()) {
        found.put(file.getFileName().toString().replace('!', '/'), Files.readString(file));
      }
    }
    return found;
  }

  /** How long the steps worked, in nanoseconds, by step. */
  Map<String, String> measured() throws IOException {
    Properties measured = new Properties();
    Path file = directory.resolve("measured.properties");
    if (Files.exists(file)) {
      try (var reader = Files.newBufferedReader(file)) {
        measured.load(reader);
      }
    }
    Map<String, String> found = new java.util.TreeMap<>();
    measured.forEach((step, nanos) -> found.put(step.toString(), nanos.toString()));
    return found;
  }

  /** Writes what the people and the executioner inside Belay read. */
  static void prepare(
      Path directory,
      Scenario scenario,
      Map<String, KillMoment> plan,
      Map<String, String> durations)
      throws IOException {
    Files.createDirectories(directory);
    new ObjectMapper().writeValue(directory.resolve("scenario.json").toFile(), scenario);
    Properties moments = new Properties();
    plan.forEach((step, moment) -> moments.setProperty(step, moment.name()));
    store(moments, directory.resolve("plan.properties"));
    Properties known = new Properties();
    known.putAll(durations);
    store(known, directory.resolve("durations.properties"));
  }

  /** The settings of a Belay that is killed or paused, as a file. */
  static Path settings(World world, Path directory, Map<String, String> more) throws IOException {
    Properties properties = new Properties();
    properties.putAll(world.properties());
    properties.putAll(
        Map.of(
            "belay.test.matrix",
            directory.toString(),
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
            "jdbc:h2:file:"
                + directory.resolve("engine")
                + ";DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0"));
    properties.putAll(
        Map.of(
            "belay.step.lock", "8s",
            "belay.step.heartbeat", "500ms",
            "belay.step.poll", "200ms",
            "belay.step.backoff", "500ms",
            // Until then a job of the killed process stays locked.
            "belay.step.short-limit", "12s",
            "camunda.bpm.job-execution.lock-time-in-millis", "17000"));
    properties.putAll(more);
    // In the world's directory, which only its owner can read: the file holds passwords.
    Path file = world.directory().resolve("belay-" + directory.getFileName() + ".properties");
    store(properties, file);
    return file;
  }

  private static void store(Properties properties, Path file) throws IOException {
    try (var writer = Files.newBufferedWriter(file)) {
      properties.store(writer, null);
    }
  }

  private Process launch(Path settings, boolean orderly, int killed) throws IOException {
    List<String> command = new ArrayList<>(start.java(orderly));
    return launch(world, command, settings, log(), killed > 0);
  }

  /**
   * @param java the command up to the main class
   * @param again whether its tables are there: to look for them would be a third of the start
   */
  static Process launch(World world, List<String> java, Path settings, Path log, boolean again)
      throws IOException {
    List<String> command = new ArrayList<>(java);
    command.addAll(
        List.of(Leash.class.getName(), world.directory().toString(), "belay", "io.belay.Belay"));
    if (again) {
      command.add("--spring.liquibase.enabled=false");
      command.add("--camunda.bpm.database.schema-update=false");
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("SPRING_PROFILES_ACTIVE", "playground");
    builder.environment().put("SPRING_CONFIG_ADDITIONAL_LOCATION", settings.toUri().toString());
    return builder.start();
  }

  Path log() {
    return directory.resolve("belay.log");
  }

  private String endOfLog() throws IOException {
    List<String> lines =
        Files.readAllLines(log()).stream()
            .filter(line -> !line.isBlank() && !line.matches("\\s+(at |\\.\\.\\. \\d+).*"))
            .toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
  }
}
