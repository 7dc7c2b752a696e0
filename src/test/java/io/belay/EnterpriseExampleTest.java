package io.belay;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.playground.EmbeddedServers;
import io.belay.playground.Needs;
import io.belay.playground.Ports;
import io.belay.playground.Scratch;
import io.belay.target.AllTargetTypes;
import io.belay.target.Environments;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.StandardEnvironment;

/**
 * The commands of {@code examples/enterprise} with a real application, a real PostgreSQL, and a
 * stand-in for pm2 that keeps the application as pm2 does.
 */
class EnterpriseExampleTest {

  private static final Path EXAMPLE = Path.of("examples/enterprise").toAbsolutePath();
  private static final Path PM2 = Path.of("src/test/resources/enterprise/pm2.mjs").toAbsolutePath();

  private static final String APPLICATION =
      """
      const http = require('http');
      http.createServer((request, response) => response.end('{"status":"ok"}')).listen(process.env.PORT);
      const tell = () => console.log('[WorkerAssignmentCron] Checking for worker assignment timeouts... of %s');
      tell();
      setInterval(tell, 300);
      """;

  private Path directory;
  private final Map<String, String> variables = new HashMap<>();

  private record Answer(int code, String output) {}

  @BeforeEach
  void application() throws Exception {
    Needs.that(isHere("node"), "Node.js");
    directory = Scratch.directory("enterprise");
    for (String release : List.of("old", "new")) {
      release(release, APPLICATION.formatted(release));
    }
    variables.put("PM2", PM2.toString());
    variables.put("PM2_HOME", directory.resolve("pm2").toString());
    variables.put("APP", "api");
    variables.put("STATE", directory.resolve("before.json").toString());
    int port = Ports.free();
    variables.put("PORT", Integer.toString(port));
    variables.put("HEALTH", "http://127.0.0.1:%d/health".formatted(port));
    variables.put("WITHIN", "2");
    variables.put("PATIENCE", "300");
  }

  @AfterEach
  void stop() throws Exception {
    if (Files.exists(directory.resolve("pm2/api.json"))) {
      run("node", PM2.toString(), "delete", "api");
    }
  }

  private void release(String name, String main) throws IOException {
    Path dist = Files.createDirectories(directory.resolve(name).resolve("dist"));
    Files.writeString(dist.resolve("main.js"), main);
  }

  private static boolean isHere(String program) {
    try {
      return new ProcessBuilder(program, "--version").start().waitFor() == 0;
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }

  private Answer run(String... command) throws Exception {
    Path output = Files.createTempFile(directory, "output", "");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(variables);
    Process process = builder.start();
    if (!process.waitFor(10, TimeUnit.MINUTES)) {
      process.destroyForcibly();
    }
    return new Answer(process.waitFor(), Files.readString(output).strip());
  }

  private Answer pm2(String verb, String release) throws Exception {
    variables.put("RELEASE", directory.resolve(release).toString());
    return run("node", EXAMPLE.resolve("pm2.mjs").toString(), verb);
  }

  private void serveOld() throws Exception {
    assertThat(pm2("apply", "old")).isEqualTo(new Answer(0, ""));
    Files.delete(directory.resolve("before.json"));
  }

  @Test
  void environment_isValid_andHasWhatTheRunbookNames() throws Exception {
    Environments environments =
        new Environments(
            EXAMPLE.resolve("environments"), new StandardEnvironment(), AllTargetTypes.types());
    var targets = environments.load("enterprise").targets();
    String runbook = Files.readString(Path.of("processes/runbooks/enterprise-architecture.bpmn"));
    Matcher named =
        Pattern.compile(
                "sourceExpression=\"([a-z-]+)\" target=\"(change|check|migration|database|flag|candidate|baseline|checklist|publisher|target|service)\"")
            .matcher(runbook);
    int count = 0;
    while (named.find()) {
      assertThat(targets).containsKey(named.group(1));
      count++;
    }
    assertThat(count).isGreaterThan(15);
    Matcher measured = Pattern.compile("= (?:sql|metric|count|output) ([a-z-]+)").matcher(runbook);
    while (measured.find()) {
      assertThat(targets).containsKey(measured.group(1));
    }
  }

  @Test
  void newRelease_replacesTheFormer_andIsReplacedByIt() throws Exception {
    serveOld();
    assertThat(pm2("check", "new").code()).isEqualTo(1);
    assertThat(pm2("apply", "new")).isEqualTo(new Answer(0, ""));
    assertThat(pm2("check", "new").code()).isZero();
    assertThat(pm2("steady", "new").output())
        .matches("api runs steadily with pid \\d+, before it was \\d+");
    assertThat(pm2("log", "new").output()).contains("timeouts... of new").doesNotContain("of old");

    assertThat(pm2("revert", "new")).isEqualTo(new Answer(0, ""));
    assertThat(pm2("check", "new").code()).isEqualTo(1);
    assertThat(pm2("check", "old").code()).isZero();
    assertThat(pm2("revert", "new")).isEqualTo(new Answer(0, ""));
    assertThat(pm2("check", "old").code()).isZero();
  }

  @Test
  void releaseThatWasTheFirst_leavesNothingBehind() throws Exception {
    assertThat(pm2("apply", "new").code()).isZero();
    assertThat(pm2("revert", "new").code()).isZero();
    assertThat(run("node", PM2.toString(), "jlist").output()).isEqualTo("[]");
  }

  @Test
  void releaseThatCrashes_isNotTakenForStarted_andTheFormerComesBack() throws Exception {
    serveOld();
    release("crashing", "process.exit(1)");
    assertThat(pm2("apply", "crashing"))
        .isEqualTo(new Answer(1, "api crashes: pm2 has given it up after 15 restarts"));
    assertThat(pm2("check", "crashing").code()).isEqualTo(2);
    assertThat(pm2("steady", "crashing")).isEqualTo(new Answer(1, "api is errored"));
    assertThat(pm2("revert", "crashing").code()).isZero();
    assertThat(pm2("check", "old").code()).isZero();
  }

  @Test
  void releaseThatIsHealthy_butCrashesNowAndThen_isNotSteady() throws Exception {
    release("shaky", APPLICATION.formatted("shaky") + "setTimeout(() => process.exit(1), 1000);");
    variables.put("WITHIN", "20");
    pm2("apply", "shaky");
    assertThat(pm2("steady", "shaky"))
        .satisfies(answer -> assertThat(answer.code()).isEqualTo(1))
        .satisfies(answer -> assertThat(answer.output()).startsWith("api "));
  }

  @Test
  void variables_areToldByName_neverByValue() throws Exception {
    Path file = directory.resolve(".env");
    String check = EXAMPLE.resolve("variables.mjs").toString();
    String[] command = {
      "node",
      check,
      file.toString(),
      "DATABASE_URL",
      "NODE_ENV=production",
      "API_KEY|GEMINI_API_KEY",
      "LOG_LEVEL?"
    };
    Files.writeString(
        file, "DATABASE_URL=postgresql://s3cret\nNODE_ENV=production\nGEMINI_API_KEY=s3cret\n");
    assertThat(run(command))
        .isEqualTo(
            new Answer(
                0,
                "DATABASE_URL: set\nNODE_ENV: set\nGEMINI_API_KEY: set\nLOG_LEVEL: not set, and optional"));

    Files.writeString(file, "DATABASE_URL=\nNODE_ENV=s3cret\n");
    assertThat(run(command).code()).isEqualTo(1);
    assertThat(run(command).output())
        .contains(
            "DATABASE_URL is not set; NODE_ENV is not production; API_KEY or GEMINI_API_KEY is not set")
        .doesNotContain("s3cret");
  }

  @Test
  void rehearsal_isARunThatWasRolledBackFromTheSoak() throws Exception {
    Path report = directory.resolve("report.json");
    String text =
        """
        {"run": {"runbook": "enterprise-architecture", "environment": "staging", "status": "ROLLED_BACK",
          "endedAt": "%s", "phases": [{"activityId": "Phase_Soak"}]}, "journal": {"intact": true}}"""
            .formatted(Instant.now().minus(Duration.ofDays(3)));
    String[] command = {
      "node",
      EXAMPLE.resolve("rehearsal.mjs").toString(),
      report.toString(),
      "enterprise-architecture",
      "staging"
    };
    Files.writeString(report, text);
    assertThat(run(command).output()).startsWith("3.0");

    Files.writeString(
        report,
        text.replace("ROLLED_BACK", "COMPLETED")
            .replace("Soak", "Backup")
            .replace("staging", "test")
            .replace("true", "false"));
    assertThat(run(command).code()).isEqualTo(1);
    assertThat(run(command).output())
        .endsWith(
            "is no rehearsal: it is of the environment test; that run is COMPLETED; that run did not get to the soak; its journal is not intact");
  }

  @Test
  void seed_isProvenByASecondTime() throws Exception {
    Needs.that(isHere("psql"), "psql");
    try (EmbeddedPostgres server = EmbeddedServers.postgres().start()) {
      variables.putAll(
          Map.of(
              "PGHOST", "localhost",
              "PGPORT", Integer.toString(server.getPort()),
              "PGUSER", "postgres",
              "PGDATABASE", "postgres",
              "TABLES", "system_config multipliers",
              "RELEASE", directory.resolve("seeded").toString()));
      psql(
          "create table system_config (key text primary key, value text); create table multipliers (name text)");
      seedsBy(
          "insert into system_config values ('fee', '0.15') on conflict do nothing; insert into multipliers select 'hard' where not exists (select from multipliers)");
      assertThat(seed("check").code()).isEqualTo(1);
      assertThat(seed("apply").code()).isZero();
      assertThat(seed("check").code()).isZero();
      assertThat(seed("again")).isEqualTo(new Answer(0, "twice the same rows"));
      assertThat(seed("revert").code()).isZero();
      assertThat(seed("check").code()).isEqualTo(1);

      seedsBy("insert into multipliers values ('hard')");
      assertThat(seed("apply").code()).isZero();
      assertThat(seed("check").code()).isEqualTo(2);
      assertThat(seed("again"))
          .isEqualTo(
              new Answer(
                  1,
                  "the seed is not idempotent: a second time it changed rows of one of system_config multipliers"));
    }
  }

  private Answer seed(String verb) throws Exception {
    return run("sh", EXAMPLE.resolve("seed.sh").toString(), verb);
  }

  private void psql(String sql) throws Exception {
    assertThat(run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql))
        .isEqualTo(new Answer(0, ""));
  }

  private void seedsBy(String sql) throws IOException {
    Path release = Files.createDirectories(directory.resolve("seeded"));
    Files.writeString(release.resolve("seed.sql"), sql);
    Files.writeString(
        release.resolve("package.json"),
        "{\"scripts\": {\"prisma:seed\": \"psql -XAtq -v ON_ERROR_STOP=1 -f seed.sql\"}}");
  }
}
