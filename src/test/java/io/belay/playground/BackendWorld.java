package io.belay.playground;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.belay.split.Rollout;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The world of the guide "Backend Improvements": an application with an old implementation, the
 * source of a new one with its tests, a flag service, a receiver of alerts, users, and a database
 * beside the main server's.
 */
final class BackendWorld implements WorldPart {

  static final String ENVIRONMENT = "playground-backend";
  private static final String DATABASE = "backend";
  private static final List<String> SOURCES =
      List.of("NewKeyManager.java", "NewKeyManagerTest.java");
  private static final List<String> LISTS =
      List.of("deployment.yml", "validation.yml", "post-migration.yml", "contract.yml");

  private final Path world;
  private final Path home;
  private final PlaygroundPostgres postgres;
  private final FlagService flags = new FlagService();
  private final AlertReceiver alerts = new AlertReceiver();
  private final BackendProcess process;
  private final int port = Ports.free();
  private SteadyLoad users;

  BackendWorld(Path world, PlaygroundPostgres postgres) {
    this.world = world;
    this.home = world.resolve("backend");
    this.postgres = postgres;
    this.process = new BackendProcess(world);
  }

  @Override
  public String environment() {
    return ENVIRONMENT;
  }

  @Override
  public Map<String, String> properties() {
    return Map.of(
        "playground.backend.url", url().toString(),
        "playground.backend.flags", flags.url().toString(),
        "playground.backend.flags-key", flags.key(),
        "playground.backend.alerts", alerts.url().toString());
  }

  private URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  SteadyLoad users() {
    return users;
  }

  @Override
  public void open() throws Exception {
    Files.createDirectories(home.resolve("config"));
    Files.createDirectories(home.resolve("src"));
    BackendTools.find().write(world);
    Java.writeScript(
        home.resolve("work"),
        BackendWork.class,
        world,
        Rollout.class,
        JsonMapper.class,
        JsonFactory.class,
        JsonProperty.class);
    flags.open();
    alerts.open();
    writeFiles();
    makeDatabase();
    process.start();
    users = new SteadyLoad(this::search);
  }

  /** Four of five search, the others look at the keys. */
  private HttpRequest.Builder search(int number, int user) {
    return HttpRequest.newBuilder(
        url()
            .resolve(
                number % 5 == 0 ? "/keys" : "/search?q=" + (number % 2 == 0 ? "maps" : "part")));
  }

  @Override
  public boolean isOpen() {
    return users != null;
  }

  private void writeFiles() throws IOException {
    writeSources();
    for (String list : LISTS) {
      Files.writeString(home.resolve("config").resolve(list), Resources.text("backend/" + list));
    }
    String env =
        """
        PORT=%d
        DATABASE_URL=%s
        REDIS_URL=redis://127.0.0.1:1/0
        FLAG_SERVICE_URL=%s
        FLAG_SERVICE_KEY=%s
        ALERT_URL=%s/alerts
        """
            .formatted(port, postgres.url(DATABASE), flags.url(), flags.key(), alerts.url());
    write("app.env", env);
    write("new.env", env + "KEY_ROTATION=least-used\n");
  }

  private void write(String name, String content) throws IOException {
    Path file = home.resolve("config").resolve(name);
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, content);
  }

  private void makeDatabase() throws SQLException, IOException {
    postgres.run(PlaygroundPostgres.DATABASE, "CREATE DATABASE " + DATABASE);
    postgres.run(DATABASE, Resources.text("backend/schema.sql"));
  }

  @Override
  public void cause(Fault fault) throws IOException {
    if (fault.kind() == Fault.Kind.FLAG_SERVICE_DOWN) {
      flags.close();
    } else {
      Path source = home.resolve("src/NewKeyManager.java");
      Files.writeString(
          source, Files.readString(source).replace("return chosen;", "return chosn;"));
    }
  }

  @Override
  public void repair() throws IOException {
    flags.open();
    writeSources();
  }

  private void writeSources() throws IOException {
    for (String source : SOURCES) {
      Files.writeString(home.resolve("src").resolve(source), Resources.text("backend/" + source));
    }
  }

  @Override
  public void reset() throws Exception {
    process.stop();
    BackendWork.remove(home.resolve("build"));
    BackendWork.remove(home.resolve("classes"));
    Files.deleteIfExists(BackendApplication.syntheticFault(world));
    writeFiles();
    flags.reset();
    alerts.reset();
    if (postgres.databases().contains(DATABASE)) {
      postgres.run(PlaygroundPostgres.DATABASE, "DROP DATABASE " + DATABASE + " WITH (FORCE)");
    }
    makeDatabase();
    process.start();
    users.reset();
  }

  @Override
  public void describe(SortedMap<String, String> facts) throws IOException {
    facts.put("backend process", process.runs() ? "runs" : "does not run");
    facts.put("backend flags", flags.document());
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        facts.put(
            "backend file " + home.relativize(file),
            WorldFingerprint.hash(Files.readAllBytes(file)));
      }
    }
  }

  @Override
  public void count(SortedMap<String, Long> effects) throws IOException {
    effects.put("backend: changes of the flags", flags.changes());
    Map<String, Long> lives =
        Files.readAllLines(world.resolve("logs/backend.log")).stream()
            .filter(line -> line.contains(" INFO st"))
            .collect(Collectors.groupingBy(line -> line.split(" ")[2], Collectors.counting()));
    lives.forEach((what, times) -> effects.put("backend: " + what, times));
  }

  @Override
  public void close() throws IOException {
    users.close();
    process.kill();
    flags.close();
    alerts.close();
  }
}
