package io.belay.capability.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.belay.command.ChildProcesses;
import io.belay.command.HostCommands;
import io.belay.command.Places;
import io.belay.command.SshSessions;
import io.belay.playground.EmbeddedServers;
import io.belay.playground.Scratch;
import io.belay.step.Comparison;
import io.belay.step.FakeStepContext;
import io.belay.step.Sample;
import io.belay.step.Verdict;
import io.belay.target.Command;
import io.belay.target.CommandTarget;
import io.belay.target.Connections;
import io.belay.target.DatabaseTarget;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.HttpTarget;
import io.belay.target.MariaDbServer;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.Secret;
import io.belay.target.Target;
import io.belay.target.TargetException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers from a real database, a real server and real commands. */
class MeasureNumbersIT {

  private static final Connections CONNECTIONS = new Connections();
  private static final AtomicInteger QUEUE = new AtomicInteger();
  private static EmbeddedPostgres database;
  private static HttpServer server;

  private static final Places PLACES =
      new Places(new ChildProcesses(), new HostCommands(new SshSessions()));

  private final NumberReader reader = new NumberReader(CONNECTIONS, new HttpProbe(), PLACES);
  private final MeasureNumbers measure = new MeasureNumbers(reader);
  private final AwaitCondition await = new AwaitCondition(reader, PLACES);
  private final FakeStepContext context = new FakeStepContext(targets());

  @BeforeAll
  static void start() throws IOException {
    database = EmbeddedServers.postgres().start();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", MeasureNumbersIT::answer);
    server.start();
  }

  @AfterAll
  static void stop() throws IOException {
    CONNECTIONS.close();
    server.stop(0);
    database.close();
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String answer =
        switch (exchange.getRequestURI().getPath()) {
          case "/status" -> "{\"queue\":[{\"length\":\"12\"}],\"on\":true}";
          case "/queue" -> "{\"length\":" + QUEUE.updateAndGet(n -> Math.max(0, n - 1)) + "}";
          case "/metrics" ->
              """
              # HELP errors_total all
              errors_total{code="500",path="/a"} 3
              errors_total{code="500",path="/b}"} 4 1700000000000
              errors_total{code="404"} 50
              broken NaN
              """;
          case "/long" -> "long_total 1\n" + "# é\n".repeat(250_000);
          case "/api/v1/query" ->
              exchange.getRequestURI().getQuery().contains("up")
                  ? vector("{\"metric\":{},\"value\":[1,\"0.25\"]}")
                  : vector("");
          default -> "oops";
        };
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static String vector(String result) {
    return "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[%s]}}"
        .formatted(result);
  }

  private static Map<String, Target> targets() {
    return Map.of(
        "db",
        new PostgresTarget(
            "localhost",
            database.getPort(),
            "postgres",
            "postgres",
            Secret.none(),
            12,
            null,
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            RestoreWay.AUTO),
        "shop",
        new HttpTarget(
            URI.create("http://localhost:" + server.getAddress().getPort()),
            Map.of(),
            Duration.ofSeconds(5),
            null,
            null,
            null,
            null,
            null,
            Map.of(),
            Map.of(),
            List.of()),
        "files",
        CommandTarget.of(Command.of("sh", "-c", "echo careful >&2; echo ' 17 '")),
        "log",
        CommandTarget.of(Command.of("printf", "ERROR a\\nfine\\nFATAL b\\nthe end\\n")),
        "broken",
        CommandTarget.of(Command.of("sh", "-c", "echo 5; echo no access >&2; exit 4")));
  }

  private Map<String, Object> measured(String lines) throws Exception {
    return context
        .run(measure, new MeasureNumbers.Input(Numbers.valueOf(lines), List.of()))
        .numbers()
        .values();
  }

  @Test
  void everyKindOfSource_givesItsNumber() throws Exception {
    assertThat(
            measured(
                """
                    rows = sql db select count(*) from generate_series(1, 41) n
                    json = json shop /status /queue/0/length
                    errors = metric shop /metrics errors_total{code="500"}
                    up = promql shop avg(up)
                    files = output files
                    code = exit broken
                    bad = count log ^(ERROR|FATAL)
                    """))
        .isEqualTo(
            Map.of(
                "rows", 41.0, "json", 12.0, "errors", 7.0, "up", 0.25, "files", 17.0, "code", 4.0,
                "bad", 2.0));
    assertThat(context.samples())
        .extracting(Sample::metric)
        .contains("rows", "json", "errors", "up", "files", "code", "bad");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sql db select null",
        "sql db select n from generate_series(1, 2) n",
        "sql db select 'NaN'::float8",
        "sql db select 1 from nowhere",
        "sql db create table measured (a int)",
        "json shop /status /on",
        "json shop /nowhere /a",
        "metric shop /metrics broken",
        "metric shop /metrics absent_total",
        "metric shop /long long_total",
        "promql shop nothing",
        "output broken",
        "output log",
        "count broken ERROR"
      })
  void whatGivesNoNumber_isMissing_andNeverZero(String source) throws Exception {
    MeasureNumbers.Result result =
        context.run(
            measure,
            new MeasureNumbers.Input(
                Numbers.valueOf("n = " + source + "\nk = output files"), List.of()));

    assertThat(result.complete()).isFalse();
    assertThat(result.missing()).startsWith("n: '" + source + "' gave no number: ");
    assertThat(result.numbers().values()).containsEntry("n", null).containsEntry("k", 17.0);
  }

  @Test
  void sourcesThatAreNotThere_areSaidBeforeTheRun() {
    Environment environment = new Environment("t", "", targets());
    assertThat(
            measure.check(
                new MeasureNumbers.Input(
                    Numbers.valueOf(
                        """
                        a = sql shop select 1
                        b = sql nowhere select 1
                        c = output files
                        """),
                    List.of()),
                environment))
        .hasSize(2)
        .allMatch(problem -> problem.startsWith("number '"));
  }

  private static AwaitCondition.Input input(String source, String condition, Duration timeout) {
    return new AwaitCondition.Input(
        NumberSource.valueOf(source),
        Comparison.valueOf(condition),
        2,
        Duration.ofMillis(20),
        timeout,
        "log");
  }

  @Test
  void condition_isMet_whenSeveralSamplesInARowAreAsWanted() throws Exception {
    QUEUE.set(4);
    AwaitCondition.Result result =
        context.run(await, input("json shop /queue /length", "= 0", Duration.ofSeconds(30)));

    assertThat(result.verdict()).isEqualTo(Verdict.PASS);
    assertThat(result.number()).isZero();
    assertThat(context.samples()).hasSize(5); // 3 2 1 0 0
  }

  @Test
  void conditionThatIsNotMetInTime_fails_withTheLastNumber_andKeepsTheLog() throws Exception {
    AwaitCondition.Result result =
        context.run(await, input("output files", "< 17", Duration.ofMillis(100)));

    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason()).contains("output files is 17.0");
    assertThat(context.logs()).contains("the end");
  }

  @Test
  void numberThatCannotBeMeasured_isNoData() throws Exception {
    AwaitCondition.Result result =
        context.run(await, input("output broken", "> 0", Duration.ofMillis(100)));

    assertThat(result.verdict()).isEqualTo(Verdict.NO_DATA);
    assertThat(result.reason()).contains("exit code 4").contains("no access");
  }

  @Test
  void sql_asksADatabaseOfAnyProduct_andChangesNothingThere() throws Exception {
    try (MariaDbServer maria = MariaDbServer.start(Scratch.directory("mariadb"))) {
      FakeStepContext any =
          new FakeStepContext(
              Map.of(
                  "maria",
                  new DatabaseTarget(
                      "jdbc:mariadb://127.0.0.1:%d/shop".formatted(maria.port()),
                      "app",
                      Secret.of(MariaDbServer.PASSWORD),
                      Duration.ofSeconds(5),
                      Duration.ofSeconds(5)),
                  "memory",
                  new DatabaseTarget(
                      "jdbc:h2:mem:numbers",
                      "sa",
                      Secret.none(),
                      Duration.ofSeconds(5),
                      Duration.ofSeconds(5))));
      assertThat(reader.read(NumberSource.valueOf("sql maria select 40 + 2"), any)).isEqualTo(42);
      assertThat(reader.read(NumberSource.valueOf("sql memory select 40 + 3"), any)).isEqualTo(43);
      for (String change :
          List.of("sql maria create table x (i int)", "sql memory create table x (i int)")) {
        assertThatThrownBy(() -> reader.read(NumberSource.valueOf(change), any))
            .isInstanceOf(TargetException.class)
            .hasMessageContaining("gave no number");
      }
      assertThat(
              reader.read(
                  NumberSource.valueOf(
                      "sql maria select count(*) from information_schema.tables where table_name = 'x'"),
                  any))
          .isZero();
    }
  }
}
