package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.belay.capability.configuration.ConfigurationTarget;
import io.belay.target.InvalidEnvironment.Problem;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class EnvironmentsTest {

  private static final String DATABASE =
      """
      targets:
        database:
          type: postgres
          host: db.example
          database: shop
          username: app
      """;

  @TempDir Path directory;

  private final Map<String, Object> variables = new HashMap<>();

  private Environments environments() {
    StandardEnvironment settings = new StandardEnvironment();
    settings.getPropertySources().addFirst(new SystemEnvironmentPropertySource("env", variables));
    settings
        .getPropertySources()
        .addLast(new MapPropertySource("yml", Map.of("shop.host", "${HOST}.example")));
    return new Environments(directory, settings, AllTargetTypes.types());
  }

  private Environment load(String yaml) {
    try {
      Files.writeString(directory.resolve("production.yml"), yaml);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return environments().load("production");
  }

  private List<Problem> problems(String yaml) {
    InvalidEnvironment invalid = catchThrowableOfType(InvalidEnvironment.class, () -> load(yaml));
    assertThat(invalid).as("refusal").isNotNull();
    assertThat(invalid).hasMessageContaining("production.yml");
    invalid.problems().forEach(p -> assertThat(invalid).hasMessageContaining(p.toString()));
    return invalid.problems();
  }

  /** The problems of one target whose settings are given as they stand in the file. */
  private List<Problem> problemsOf(String type, String settings) {
    return problems(DATABASE + "  it:\n    type: " + type + "\n" + settings.indent(4));
  }

  @Test
  void missingSettings_takeTheirDefaults() {
    PostgresTarget database = load(DATABASE).target("database", PostgresTarget.class);

    assertThat(database)
        .isEqualTo(
            new PostgresTarget(
                "db.example",
                5432,
                "shop",
                "app",
                Secret.none(),
                12,
                null,
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                RestoreWay.AUTO));
  }

  @Test
  void nestedCommandsInstancesAndMaps_areBound() {
    Environment environment =
        load(
            """
            description: a shop
            targets:
              v2:
                type: service
                url: http://localhost:3001
                start:
                  arguments: [docker, start, "a, b", 007]
                  environment: {API_KEY_2: 0123, app.name: x, lower: no}
                  directory: pom.xml
                  timeout: 2m
                instances:
                  - name: one
                    url: http://localhost:3002
                    stop: {arguments: [docker, stop, one]}
                  - {name: two, url: "http://localhost:3003"}
              v1: {type: service, url: "http://localhost", instances: [], endpoints: []}
              configuration:
                type: configuration
                baseline: application.yml
                candidate: v2/.env
                renames: {FEISHU_APP_ID: LARK_APP_ID, FEISHU_APP_SECRET: LARK_APP_SECRET}
                added: []
                files: [a.yml, /b.yml]
              copy: {type: configuration, baseline: a, candidate: b, renames: {}}
            """);

    assertThat(environment.description()).isEqualTo("a shop");
    ServiceTarget v2 = environment.target("v2", ServiceTarget.class);
    assertThat(v2.start())
        .isEqualTo(
            new Command(
                List.of("docker", "start", "a, b", "007"),
                Path.of("pom.xml"),
                Map.of(
                    "API_KEY_2", Secret.of("0123"),
                    "app.name", Secret.of("x"),
                    "lower", Secret.of("no")),
                Duration.ofMinutes(2)));
    assertThat(v2.instances())
        .containsExactly(
            new ServiceTarget.Instance(
                "one",
                URI.create("http://localhost:3002"),
                null,
                Command.of("docker", "stop", "one"),
                null),
            new ServiceTarget.Instance(
                "two", URI.create("http://localhost:3003"), null, null, null));
    assertThat(environment.target("v1", ServiceTarget.class).instances()).isEmpty();
    assertThat(environment.target("copy", ConfigurationTarget.class).renames()).isEmpty();
    ConfigurationTarget files = environment.target("configuration", ConfigurationTarget.class);
    assertThat(files.baseline()).isEqualTo(Path.of("application.yml"));
    assertThat(files.renames())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("FEISHU_APP_ID", "LARK_APP_ID", "FEISHU_APP_SECRET", "LARK_APP_SECRET"));
    assertThat(files.files()).containsExactly(Path.of("a.yml"), Path.of("/b.yml"));
  }

  @Test
  void commandsOfAChange_areThereTogether_andTakeOnlyHarmlessParameters() {
    assertThat(problemsOf("command", "parameters: {MODE: '[a-z]+'}"))
        .containsExactly(
            new Problem("targets.it.run", "is needed, or 'check', 'apply' and 'revert' are"));
    assertThat(problemsOf("command", "apply: {arguments: [a]}\ncheck: {arguments: [c]}"))
        .extracting(Problem::key)
        .containsExactly("targets.it.revert");
    assertThat(
            problemsOf(
                "command",
                "run: {arguments: [a]}\n"
                    + "parameters: {BAD: '(', PATH: '.*', BELAY_RUN: '.*', mode: a, OK: a}"))
        .extracting(Problem::key)
        .containsExactlyInAnyOrder(
            "targets.it.parameters.BAD",
            "targets.it.parameters.PATH",
            "targets.it.parameters.BELAY_RUN",
            "targets.it.parameters.mode");
  }

  @Test
  void protectedTargets_areKnownByTheirNames_whateverTheirType() throws Exception {
    Environment environment =
        load(
            """
            targets:
              cache: {type: redis, protected: true, host: localhost}
              other: {type: redis, protected: false, host: otherhost}
              tests: {type: command, protected: true, run: {arguments: ['true']}}
              notifications: {type: command, run: {arguments: ['true']}}
            """);

    assertThat(environment.protectedTargets()).containsExactlyInAnyOrder("cache", "tests");
    assertThat(environment.isProtected("other")).isFalse();
  }

  @Test
  void secondNameOfAProtectedSystem_mustBeProtectedToo() throws Exception {
    assertThat(
            problems(
                """
                targets:
                  scratch: {type: database, url: 'jdbc:postgresql://LOCALHOST/shop', username: a}
                  database: {type: postgres, protected: true, host: 127.0.0.1, database: shop, username: a}
                  other: {type: postgres, host: localhost, database: other, username: a}
                  cache: {type: redis, protected: true, host: cache}
                  same: {type: redis, protected: false, host: cache, port: 6379}
                  too: {type: redis, protected: true, host: cache}
                """))
        .extracting(Problem::toString)
        .containsExactlyInAnyOrder(
            "targets.scratch.protected: must be true: it is the same system as the protected target"
                + " 'database'",
            "targets.same.protected: must be true: it is the same system as the protected target"
                + " 'cache'");
  }

  @Test
  void systemThatAnotherEnvironmentProtects_isProtected_underAnyName() throws Exception {
    Files.writeString(
        directory.resolve("live.yml"),
        """
        targets:
          database: {type: postgres, protected: true, host: 127.0.0.1, database: shop, username: a}
          cache: {type: redis, protected: true, host: cache, port: many}
          sessions: {type: redis, host: sessions}
        """);
    Files.writeString(
        directory.resolve("copy.example.yml"),
        "targets: {cache: {type: redis, protected: true, host: sessions}}");

    Environment environment =
        load(
            """
            targets:
              scratch: {type: database, url: 'jdbc:postgresql://LOCALHOST/shop', username: a}
              other: {type: postgres, host: localhost, database: other, username: a}
              cache: {type: redis, host: sessions}
              tests: {type: command, protected: true, run: {arguments: ['true']}}
            """);

    assertThat(environment.protectedTargets()).containsExactlyInAnyOrder("scratch", "tests");
  }

  @Test
  void protectionThatIsNeitherTrueNorFalse_isAMistake() throws Exception {
    assertThat(
            problems("targets: {cache: {type: redis, protected: 'yes', host: localhost}}")
                .toString())
        .contains("targets.cache.protected", "must be true or false");
  }

  @Test
  void placeholders_areFilledIn_literally() throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), "  s3cret ${HOST} $1\n");
    variables.put("HOST", "db");
    variables.put("DATABASE_PASSWORD", "pa${HOST}ss\\");
    PostgresTarget database =
        load("""
        targets:
          database:
            type: postgres
            host: ${shop.host}
            port: ${PORT:6432}
            database: ${HOST}_${NAME:x}_1
            username: ${NOBODY:}app
            password: ${DATABASE_PASSWORD}
          cache:
            type: redis
            host: ${HOST}
            password: ${file:%s}
        """
                .formatted(secret))
            .target("database", PostgresTarget.class);

    assertThat(database.host()).isEqualTo("db.example");
    assertThat(database.port()).isEqualTo(6432);
    assertThat(database.database()).isEqualTo("db_x_1");
    assertThat(database.username()).isEqualTo("app");
    assertThat(database.password().reveal()).isEqualTo("pa${HOST}ss\\");
    assertThat(
            environments()
                .load("production")
                .target("cache", RedisTarget.class)
                .password()
                .reveal())
        .isEqualTo("s3cret ${HOST} $1");
  }

  @Test
  void allMistakesOfAFile_areReportedAtOnce_withoutAnyValue() {
    variables.put("DATABASE_PORT", "hunter22");
    assertThat(
            problems(
                """
                descriptoin: typo
                targets:
                  database:
                    type: postgres
                    port: ${DATABASE_PORT}
                    database: hunter22
                    username: ${DATABASE_USER}
                    password: ${file:/no/such/file}
                    query-timeout: 30
                    max_connections: hunter22
                  cache:
                    type: redis
                    host: localhost
                    port: 70000
                  queue:
                    type: kafka
                  v2:
                    type: service
                    url: http://localhost
                    start: docker start hunter22
                    instances:
                      - {name: one, uri: "http://localhost"}
                  "bad name":
                    type: redis
                  migration: hunter22
                """))
        .extracting(Problem::toString)
        .satisfiesExactlyInAnyOrder(
            p -> assertThat(p).startsWith("descriptoin: unknown key"),
            p -> assertThat(p).isEqualTo("targets.database.host: must not be blank"),
            p -> assertThat(p).isEqualTo("targets.database.port: must be a whole number"),
            p ->
                assertThat(p)
                    .isEqualTo("targets.database.username: the variable DATABASE_USER is not set"),
            p ->
                assertThat(p)
                    .isEqualTo(
                        "targets.database.password: secret file /no/such/file cannot be read"),
            p -> assertThat(p).startsWith("targets.database.query-timeout: must be a duration"),
            p ->
                assertThat(p)
                    .startsWith("targets.database.max_connections: unknown key; known are host, "),
            p -> assertThat(p).isEqualTo("targets.cache.port: must be less than or equal to 65535"),
            p ->
                assertThat(p).startsWith("targets.queue.type: must be one of checklist, command, "),
            p -> assertThat(p).startsWith("targets.v2.start: must be a mapping with 'arguments'"),
            p -> assertThat(p).startsWith("targets.v2.instances[0].uri: unknown key"),
            p -> assertThat(p).isEqualTo("targets.v2.instances[0].url: must not be null"),
            p -> assertThat(p).startsWith("targets.bad name: a target's name"),
            p -> assertThat(p).startsWith("targets.migration: must be a mapping"))
        .noneMatch(p -> p.contains("hunter22"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          migration | database: nope\\nchangelog: pom.xml                     | database                | name of a target of type postgres
          migration | changelog: no/such.xml                                | changelog               | must be a file that exists
          migration | changelog: classpath:db/nope.yaml                     | changelog               | must be a file that exists
          migration | tool: liquibase                                       | changelog               | is needed
          migration | tool: command\\nrevert: {arguments: [x]}               | apply                   | is needed
          migration | tool: command\\napply: {arguments: [x]}                | revert                  | is needed
          migration | tool: flyway                                          | tool                    | must be one of liquibase, command
          router    | kind: haproxy\\nurl: http://a\\nadmin: http://a:1       | admin                   | must be tcp://host:port or unix:///path
          router    | kind: gateway\\nurl: http://a\\nadmin: tcp://a:1        | admin                   | http://host:8080
          router    | kind: gateway\\nurl: a b\\nadmin: http://a:1            | url                     | http://host:8080
          router    | kind: gateway\\nurl: http://a\\nadmin: http://a\\nbaseline: v2 | candidate         | another server
          router    | kind: haproxy\\nurl: http://a\\nadmin: tcp://a:1\\nbackend: "main;shutdown" | backend | must be letters, digits
          router    | kind: haproxy\\nurl: http://a\\nadmin: tcp://a:1\\ncandidate: "v2 x" | candidate | must be letters, digits
          service   | url: http://a\\nendpoints: ["/a{b}"]                 | endpoints[0]            | begins with a slash
          service   | url: http://a/                                        | url                     | must not end with a slash
          service   | url: http://a\\nendpoints: [/a, b]                     | endpoints[1]            | begins with a slash
          service   | url: http://a\\nstart-timeout: -3s                     | start-timeout           | longer than nothing
          service   | url: http://a\\nstartTimeout: soon                     | start-timeout           | duration with a unit
          service   | url: http://a\\nstart: {arguments: [docker start x]}   | start.arguments         | one item for each argument
          service   | url: http://a\\nstart: {arguments: []}                 | start.arguments         | must not be empty
          service   | url: http://a\\nstart: {arguments: [x], timeout: 0s}   | start.timeout           | longer than nothing
          service   | url: http://a\\nstart: {}                              | start                   | must be a mapping with
          service   | url: http://a\\nstart: {timeout: 5s}                   | start.arguments         | must not be empty
          service   | url: http://a\\ninstances: {name: x}                   | instances               | must be a list
          service   | url: {a: b}                                           | url                     | http://host:8080
          service   | url: http://a\\ninstances: [{name: x, url: 'http://b'}, {name: x, url: 'http://c'}] | instances[1].name | unique
          command   | run: {arguments: [x], environment: {A: [b]}}          | run.environment.A       | must be a single value
          configuration | baseline: a/.env\\ncandidate: a/./.env             | candidate               | another file
          webhook   | url: hooks.example                                    | url                     | http:// or https://
          webhook   | url: http://hooks.example\\ntimeout: 30001ms           | timeout                 | must be at most 30s
          """)
  void mistake_isNamedByKeyAndRule(String type, String settings, String key, String rule) {
    assertThat(problemsOf(type, settings.replace("\\n", "\n")))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.key()).isEqualTo("targets.it." + key);
              assertThat(problem.rule()).contains(rule);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                        | the file is empty
          [a, b]                                    | must be a mapping
          targets:                                  | must be a mapping with at least one target
          description: x                            | must be a mapping with at least one target
          a: b: c                                   | no valid YAML
          targets: *hunter22                        | a wrong alias or tag
          targets: {a: {type: redis}, a: {type: redis}} | targets.a: stands there twice, line 1
          targets: !!javax.script.ScriptEngineManager [x] | a wrong alias or tag
          targets: {a: {type: redis, host: '${A'}}  | targets.a.host: '${' is never closed
          targets: {a: {type: redis, host: '${A:${B}}'}} | cannot stand inside another
          """)
  void fileThatIsNoEnvironment_isRefused(String yaml, String rule) {
    assertThat(problems(yaml))
        .anySatisfy(problem -> assertThat(problem.toString()).contains(rule))
        .noneMatch(problem -> problem.toString().contains("hunter22"));
  }

  @Test
  @Timeout(30)
  void smallFileThatGrowsToGigabytes_isRefused() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 24; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]%n".formatted(i, i, i - 1, i - 1));
    }
    assertThat(problems(bomb.toString()))
        .singleElement()
        .hasToString("more than 10000 values or 20 levels");
    StringBuilder shallow = new StringBuilder("a0: &a0 [" + "x, ".repeat(500) + "x]\n");
    shallow.append("b: [").append("*a0, ".repeat(40)).append("*a0]\n");
    assertThat(problems(shallow.toString()))
        .singleElement()
        .hasToString("more than 10000 values or 20 levels");
    StringBuilder wide = new StringBuilder("a: &a [x]\nb: [");
    wide.append("*a, ".repeat(100)).append("*a]\n");
    assertThat(problems(wide.toString())).singleElement().asString().contains("aliases");
    assertThat(problems("a: &a [*a]"))
        .singleElement()
        .hasToString("more than 10000 values or 20 levels");
    assertThat(problems("a: " + "[".repeat(5000))).singleElement().asString().contains("YAML");
    assertThat(problems("a: " + "x".repeat(2 << 20)))
        .singleElement()
        .asString()
        .contains("1048576 bytes");
  }

  @Test
  void unknownEnvironment_isRefused_namingThoseThereAre() {
    load(DATABASE);
    for (String name : List.of("staging", "../production", "Production", "")) {
      assertThatThrownBy(() -> environments().load(name))
          .isInstanceOf(UnknownEnvironment.class)
          .hasMessageContaining("[production]");
    }
  }

  @Test
  void correctedFile_isReadWithoutRestart() {
    Environments environments = environments();
    load(DATABASE);
    assertThat(environments.load("production").targets()).hasSize(1);
    load(DATABASE + "  cache: {type: redis, host: x}\n");
    assertThat(environments.load("production").targets()).containsOnlyKeys("database", "cache");
  }

  @Test
  void allFiles_areChecked_examplesAreNot() throws Exception {
    load(DATABASE);
    environments().validateAll();

    Files.writeString(directory.resolve("copy.example.yml"), "nonsense");
    Files.writeString(directory.resolve("readme.txt"), "nonsense");
    assertThat(environments().names()).containsExactly("production");
    environments().validateAll();

    Files.writeString(directory.resolve("Staging.yml"), DATABASE);
    Files.writeString(directory.resolve("broken.yml"), "targets: {a: {type: redis}}");
    Files.writeString(directory.resolve("other.yaml"), DATABASE);
    assertThatThrownBy(() -> environments().validateAll())
        .isInstanceOf(InvalidEnvironment.class)
        .hasMessageContainingAll("Staging.yml", "other.yaml", "broken.yml", "targets.a.host");
    assertThat(environments().names()).containsExactly("broken", "production");
  }

  @Test
  void missingDirectory_hasNoEnvironments() {
    Environments none =
        new Environments(
            directory.resolve("no"), new StandardEnvironment(), AllTargetTypes.types());
    assertThat(none.names()).isEmpty();
    none.validateAll();
  }

  @Test
  void exampleForProduction_isValid() throws Exception {
    Path secret = Files.writeString(directory.resolve("database-password"), "s3cret\n");
    String example =
        Files.readString(Path.of("environments/production.example.yml"))
            .replace("/run/secrets/database-password", secret.toString());
    for (String variable :
        List.of("REDIS_PASSWORD", "LARK_VERIFICATION_TOKEN", "TEST_DATABASE_URL")) {
      variables.put(variable, "value-of-" + variable);
    }
    variables.put("NOTIFICATIONS_URL", "https://hooks.example/services/T1");

    Environment environment = load(example);

    assertThat(environment.targets())
        .containsOnlyKeys(
            "database",
            "cache",
            "documents",
            "v1",
            "v2",
            "router",
            "configuration",
            "migration",
            "document-store",
            "tests",
            "notifications");
    assertThat(environment.target("configuration", ConfigurationTarget.class).renames())
        .containsEntry("FEISHU_APP_ID", "LARK_APP_ID");
    assertThat(environment.toString()).doesNotContain("s3cret", "value-of-", "hooks.example");
    assertThat(Masking.of(environment).mask("s3cret value-of-REDIS_PASSWORD"))
        .isEqualTo("****** ******");
  }

  @ParameterizedTest
  @CsvSource({
    "playground, 'database,v1,v2,router'",
    "playground-backend, 'database,new-version,old-version,feature-flag,contract'"
  })
  void playground_isValid_whateverItsWorldFillsIn(String environment, String targets)
      throws Exception {
    String playground = Files.readString(Path.of("environments/" + environment + ".yml"));
    Matcher names = Pattern.compile("\\$\\{([a-z0-9.-]+)}").matcher(playground);
    int port = 0;
    while (names.find()) {
      String name = names.group(1);
      String value = name.endsWith(".port") ? "5432" : "/tmp/world";
      port++;
      variables.put(
          name, name.matches(".*\\.(url|admin|flags|alerts)") ? "http://localhost:" + port : value);
    }
    variables.put("playground.changelog", "pom.xml");

    assertThat(load(playground).targets()).containsKeys(targets.split(","));
  }
}
