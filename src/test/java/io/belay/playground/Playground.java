package io.belay.playground;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * A world, and Belay beside it: {@code ./belay up}. Options: {@code --port=8080} (0 takes a free
 * one), {@code --rows=20000} of v1's tables, {@code --fault=<name>} to start with something broken,
 * {@code --environments=<directory>} with environments of one's own beside the delivered ones. Runs
 * until it is interrupted; then world and Belay are gone, and what Belay wrote stays under {@code
 * data/}.
 */
public final class Playground implements AutoCloseable {

  private final World world;
  private final BelayProcess belay;

  private Playground(World world, BelayProcess belay) {
    this.world = world;
    this.belay = belay;
  }

  /** Starts both and waits until Belay answers. */
  public static Playground start(int port, int rows) throws IOException, InterruptedException {
    return start(port, rows, null);
  }

  /**
   * The same, with more environments than the delivered ones.
   *
   * @param environments directory of their files; null for none
   */
  private static Playground start(int port, int rows, Path environments)
      throws IOException, InterruptedException {
    World world = World.start(rows);
    try {
      String name =
          "playground-"
              + DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").format(LocalDateTime.now());
      BelayProcess belay =
          new BelayProcess(
              world,
              Path.of("data", name),
              port == 0 ? Ports.free() : port,
              environments == null
                  ? Map.of()
                  : Map.of("belay.environments", together(world, environments).toString()));
      belay.start();
      return new Playground(world, belay);
    } catch (IOException | InterruptedException | RuntimeException e) {
      world.close();
      throw e;
    }
  }

  private static Path together(World world, Path own) throws IOException {
    Path all = Files.createDirectories(world.directory().resolve("environments"));
    for (Path directory : List.of(Path.of("environments"), own)) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
          Files.copy(file, all.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    return all;
  }

  public World world() {
    return world;
  }

  public BelayProcess belay() {
    return belay;
  }

  @Override
  public void close() {
    belay.close();
    world.close();
  }

  public static void main(String[] args) throws Exception {
    // The embedded servers' chatter is not what the terminal is for.
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    QuietEnd.install();
    Map<String, String> options = MainServer.options(args);
    try {
      requireRight(options);
    } catch (IllegalArgumentException wrong) {
      System.out.println(wrong.getMessage());
      System.exit(2);
    }
    System.out.println("Starting PostgreSQL, Redis, the services, the gateway and Belay …");
    Playground playground =
        start(
            Integer.parseInt(options.getOrDefault("port", "8080")),
            Integer.parseInt(options.getOrDefault("rows", "20000")),
            options.containsKey("environments") ? Path.of(options.get("environments")) : null);
    CountDownLatch end = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  playground.close();
                  end.countDown();
                }));
    if (options.containsKey("fault")) {
      playground.world().fault(Fault.named(options.get("fault")));
    }
    System.out.print(playground.welcome());
    playground.obey(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
    end.await();
  }

  /**
   * @throws IllegalArgumentException when an option is unknown or its value is wrong
   */
  static void requireRight(Map<String, String> options) {
    for (Map.Entry<String, String> option : options.entrySet()) {
      String value = option.getValue();
      boolean right =
          switch (option.getKey()) {
            case "port" -> value.matches("\\d{1,5}") && Integer.parseInt(value) <= 65535;
            case "rows" -> value.matches("\\d{1,8}");
            case "fault" -> Fault.named(value) != null;
            case "environments" -> Files.isDirectory(Path.of(value));
            default -> false;
          };
      if (!right) {
        throw new IllegalArgumentException(
            "--%s=%s is wrong; there are --port=8080, --rows=20000, --fault=<name> and --environments=<directory>"
                .formatted(option.getKey(), value));
      }
    }
  }

  /** Reads what the operator types, until the input ends. */
  private void obey(BufferedReader input) throws IOException {
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      try {
        String answer = obey(line.strip().split("\\s+"));
        System.out.print(answer.isEmpty() ? "" : answer + System.lineSeparator());
      } catch (IllegalArgumentException | IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private String obey(String[] words) {
    return switch (words[0]) {
      case "" -> "";
      case "break" -> {
        world.fault(Fault.named(words.length > 1 ? words[1] : ""));
        yield "broken: " + words[1];
      }
      case "repair" -> {
        world.repair();
        yield "repaired";
      }
      case "users" -> world.users().counts().toString();
      case "world" ->
          world.fingerprint().differencesFrom(world.pristine()).isEmpty()
              ? "as at the beginning"
              : String.join("\n", world.fingerprint().differencesFrom(world.pristine()));
      default -> "unknown: " + words[0] + "; there are break <fault>, repair, users, world";
    };
  }

  private String welcome() {
    return """

        Belay is up, with a world to migrate.

          runs         %1$s/
          Cockpit      %1$s/camunda/app/cockpit/default/
          Tasklist     %1$s/camunda/app/tasklist/default/
          REST         %1$s/api/docs
          engine-rest  %1$s/engine-rest/
          users        viewer, operator, approver, admin (the password is the name)

          users' traffic   %2$s/conversations?user=1
          world            %3$s
          Belay's log      %4$s

        Type: break <fault>   something goes wrong (error-rate, latency, redis-down, …)
              repair          it works again
              users           what the users see
              world           what is not as it was at the beginning
        Ctrl-C ends it.
        """
        .formatted(belay.url(), world.router(), world.directory(), belay.log());
  }
}
