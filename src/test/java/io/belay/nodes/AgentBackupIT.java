package io.belay.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.Belay;
import io.belay.capability.backup.PostgresWorld;
import io.belay.faults.FrozenProcesses;
import io.belay.journal.JournalChain;
import io.belay.nodes.People.Answer;
import io.belay.playground.Ports;
import io.belay.playground.Scratch;
import io.belay.target.PostgresTarget;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import redis.embedded.RedisServer;

/**
 * A real database is backed up, verified and restored by agents, which alone have its password. The
 * first agent is killed in the middle of the dump.
 */
@DirtiesContext
@SpringBootTest(
    classes = Belay.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "spring.datasource.url=jdbc:h2:mem:agent-backup;DB_CLOSE_DELAY=-1",
      "belay.processes=src/test/resources/agent/processes",
      "belay.step.poll=200ms",
      "belay.security.users.eu.password=eu",
      "belay.security.users.eu.roles=service",
      "belay.agents.eu.topics=takePostgresBackup,takeRedisBackup,verifyBackup,restorePostgresBackup",
      "belay.agents.eu.environments=shop"
    })
@Timeout(300)
class AgentBackupIT {

  private static final String CACHE_PASSWORD = "pass-word-of-the-cache";

  private static final String OBSTACLE = "\"%s\"".formatted(PostgresWorld.PASSWORD);

  /** Each row has 32 kB, which PostgreSQL keeps outside the row. */
  private static final int ROWS = 200;

  private static Path directory;
  private static PostgresWorld postgres;
  private static PostgresTarget database;
  private static RedisServer redis;
  private static int cache;

  @LocalServerPort int port;
  @Autowired JdbcTemplate engine;
  @Autowired JournalChain chain;
  private final People people = new People();
  private final List<NodeProcess> agents = new ArrayList<>();
  private String run;

  @DynamicPropertySource
  static void settings(DynamicPropertyRegistry registry) throws Exception {
    directory = Scratch.directory("agent-backup");
    postgres = new PostgresWorld();
    database = postgres.newDatabase();
    int cache = Ports.free();
    redis =
        RedisServer.newRedisServer()
            .port(cache)
            .setting("requirepass " + CACHE_PASSWORD)
            .setting("save \"\"")
            .soutListener(line -> {})
            .build();
    redis.start();
    AgentBackupIT.cache = cache;
    environment("server", database, "", "");
    agentsEnvironment(database);
    registry.add("belay.environments", () -> directory.resolve("server").toString());
    registry.add("belay.artifacts.directory", () -> directory.resolve("server-files").toString());
    Cluster.users().forEach((name, value) -> registry.add(name, () -> value));
  }

  private static void agentsEnvironment(PostgresTarget named) throws IOException {
    environment(
        "agent",
        named,
        "password: '%s'".formatted(PostgresWorld.PASSWORD),
        "password: " + CACHE_PASSWORD);
  }

  private static void environment(
      String whose, PostgresTarget named, String password, String cachePassword)
      throws IOException {
    Path file = Files.createDirectories(directory.resolve(whose)).resolve("shop.yml");
    Files.writeString(
        file,
        """
        targets:
          database:
            type: postgres
            host: 127.0.0.1
            port: %d
            database: %s
            username: app
            restore: in-place
            %s
          cache:
            type: redis
            host: 127.0.0.1
            port: %d
            %s
          release:
            type: command
            check: { arguments: [test, -e, %s] }
            apply: { arguments: [touch, %6$s] }
            revert: { arguments: [rm, -f, %6$s] }
        """
            .formatted(
                named.port(),
                named.database(),
                password,
                cache,
                cachePassword,
                directory.resolve("released")));
  }

  @AfterEach
  void stop() {
    agents.forEach(NodeProcess::close);
  }

  @AfterAll
  static void end() throws Exception {
    postgres.close();
    redis.stop();
  }

  @Test
  void agentsBackUpAndRestore_evenWhenOneIsKilledInTheMiddleOfTheDump() throws Exception {
    postgres.execute(
        database,
        "create table page (id int primary key, text text)",
        "alter table page alter column text set storage external",
        "insert into page select i, repeat(md5(i::text), 1000) from generate_series(1, %d) i"
            .formatted(ROWS));
    killInTheMiddleOfTheDump();
    soon().until(() -> status().equals("WAITING_FOR_PERSON"));
    backupIsThereOnce_atTheAgents_andKnownToBelay();

    assertThat(directory.resolve("released")).exists();
    postgres.execute(database, "delete from page where id > 1", "create table later (id int)");
    PostgresTarget other = anotherDatabase();
    agentsEnvironment(other);
    Answer rejected = tell("anna", "/api/tasks/" + task() + "/complete", rejection());
    assertThat(rejected.status()).as(rejected.text()).isEqualTo(204);
    nothingIsRestoredThere(other);
    putAnObstacle();
    agentsEnvironment(database);
    assertThat(tell("olga", "/api/runs/" + run + "/retry", Map.of()).status()).isEqualTo(200);
    soon()
        .untilAsserted(
            () ->
                assertThat(journal("FAILURE"))
                    .as("what the server says reaches Belay masked")
                    .contains("only a superuser may create or drop the event trigger", "******"));
    postgres.asSuperuser(database.database(), "drop event trigger " + OBSTACLE);
    soon().until(() -> status().equals("ROLLBACK_INCOMPLETE"));
    assertThat(tell("olga", "/api/runs/" + run + "/retry", Map.of()).status()).isEqualTo(200);
    soon().until(() -> status().equals("ROLLED_BACK"));

    assertThat(postgres.query(database, "select count(*) from page"))
        .containsExactly(Integer.toString(ROWS));
    assertThat(postgres.query(database, "select to_regclass('later')")).containsOnlyNulls();
    assertThat(engine.queryForList("SCRIPT", String.class))
        .noneMatch(row -> row.contains("pass-word"));
    assertThat(chain.check().problems()).isEmpty();
  }

  private void killInTheMiddleOfTheDump() throws Exception {
    try (Connection obstacle = withoutIndexOfLongTexts();
        FrozenProcesses frozen = FrozenProcesses.of(soonCopying())) {
      assertThat(frozen).isNotNull();
      assertThat(obstacle.isClosed()).isFalse();
      JsonNode working = view().path("working").path(0);
      assertThat(working.path("step").asText()).isEqualTo("takePostgresBackup");
      assertThat(working.path("node").asText()).startsWith("eu:");
      assertThat(working.path("unit").asText()).isEqualTo("bytes");
      assertThat(files()).anyMatch(name -> name.contains("postgres-database")); // half of it
      assertThat(journal("ARTIFACT")).isEmpty();
      startAgent();
      agents.get(0).kill();
    }
  }

  /** As long as it is open, nobody can read the column on: the dump stops in its first row. */
  private static Connection withoutIndexOfLongTexts() throws Exception {
    String index =
        postgres
            .query(
                database,
                "select indexrelid::regclass from pg_index, pg_class"
                    + " where pg_class.oid = 'page'::regclass and indrelid = reltoastrelid")
            .get(0);
    Connection session = postgres.superuser(database.database());
    session.setAutoCommit(false);
    session.createStatement().execute("reindex index " + index);
    return session;
  }

  /** Starts all; the server's process that sends the big table to pg_dump. */
  private ProcessHandle soonCopying() throws Exception {
    startAgent();
    start();
    return await()
        .atMost(Duration.ofSeconds(120))
        .pollInterval(Duration.ofMillis(10))
        .until(
            () ->
                postgres
                    .query(
                        database,
                        "select pid from pg_stat_activity where state = 'active'"
                            + " and query like 'COPY public.page%'")
                    .stream()
                    .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
                    .toList(),
            found -> !found.isEmpty())
        .get(0);
  }

  private void backupIsThereOnce_atTheAgents_andKnownToBelay() throws Exception {
    assertThat(files())
        .as("one backup of each, with its manifest, and nothing of the one broken off")
        .filteredOn(name -> !name.startsWith("."))
        .hasSize(4)
        .filteredOn(name -> name.startsWith("postgres-database") && name.endsWith(".dump.zst"))
        .hasSize(1);
    assertThat(journal("INTENT")).contains("attempt 2");
    List<JsonNode> manifests = entries("ARTIFACT");
    JsonNode listed = ask("vera", "/api/runs/" + run + "/artifacts").json();
    assertThat(manifests).hasSize(2);
    assertThat(listed).hasSize(2);
    JsonNode backup = listed.path(0);
    assertThat(backup.path("sha256")).isEqualTo(manifests.get(0).path("payload").path("sha256"));
    assertThat(backup.path("details").path("target").asText()).isEqualTo("database");
    assertThat(ask("vera", "/api/runs/" + run + "/report?format=json").json().path("artifacts"))
        .isEqualTo(listed);
    String download = "/api/runs/" + run + "/artifacts/" + backup.path("name").asText();
    assertThat(ask("olga", download).status()).isEqualTo(404);
    assertThat(directory.resolve("server-files").resolve(run)).doesNotExist();
  }

  private static PostgresTarget anotherDatabase() throws Exception {
    PostgresTarget other = postgres.newDatabase();
    postgres.execute(other, "create table page (id int)", "insert into page values (7)");
    return other;
  }

  private void nothingIsRestoredThere(PostgresTarget other) throws Exception {
    soon().until(() -> !entries("TARGET_REFUSED").isEmpty() && !entries("FAILURE").isEmpty());
    assertThat(journal("FAILURE"))
        .contains("another system")
        .contains("/" + other.database())
        .contains("/" + database.database());
    assertThat(postgres.query(other, "select id from page")).containsExactly("7");
    soon().until(() -> status().equals("ROLLBACK_INCOMPLETE"));
  }

  /** No restore is possible while it is there, and the server tells its name, which is a secret. */
  private static void putAnObstacle() throws Exception {
    postgres.asSuperuser(
        database.database(),
        "create function public.nothing() returns event_trigger language plpgsql as"
            + " $$begin end$$",
        "create event trigger %s on ddl_command_start execute function public.nothing()"
            .formatted(OBSTACLE));
  }

  private static Map<String, Object> rejection() {
    return Map.of(
        "values", Map.of("decision", "no-go", "reason", "the data is wrong", "looked", true));
  }

  /** What the agents wrote for the run. */
  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("agent-files").resolve(run))) {
      return files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()).toList();
    }
  }

  private void startAgent() throws IOException {
    NodeProcess agent =
        new NodeProcess(
            directory,
            "agent" + (agents.size() + 1),
            0,
            Map.of(
                "belay.agent.name", "eu",
                "belay.agent.password", "eu",
                "belay.agent.url", "http://127.0.0.1:" + port,
                "belay.environments", directory.resolve("agent").toString(),
                "belay.artifacts.directory", directory.resolve("agent-files").toString(),
                "belay.test.target", "http://127.0.0.1:1/",
                "belay.step.lock", "6s",
                "belay.step.heartbeat", "1s",
                "belay.step.poll", "300ms"));
    agent.start();
    agents.add(agent);
  }

  private void start() throws Exception {
    Answer answer =
        tell(
            "olga",
            "/api/runs",
            Map.of("runbook", "agent-backup", "parameters", Map.of("environment", "shop")));
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    run = answer.json().path("id").asText();
  }

  private JsonNode view() throws Exception {
    return ask("vera", "/api/runs/" + run).json();
  }

  private String status() throws Exception {
    return view().path("status").asText();
  }

  private String task() throws Exception {
    return view().path("tasks").path(0).path("id").asText();
  }

  private String journal(String kind) throws Exception {
    List<JsonNode> entries = entries(kind);
    return entries.isEmpty() ? "" : entries.toString();
  }

  private List<JsonNode> entries(String kind) throws Exception {
    JsonNode entries = ask("vera", "/api/runs/" + run + "/journal?limit=5000").json();
    return StreamSupport.stream(entries.spliterator(), false)
        .filter(entry -> entry.path("kind").asText().equals(kind))
        .toList();
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(150)).pollInterval(Duration.ofMillis(200));
  }

  private Answer ask(String user, String path) throws Exception {
    return people.ask(user, url(path));
  }

  private Answer tell(String user, String path, Object body) throws Exception {
    return people.tell(user, url(path), body);
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }
}
