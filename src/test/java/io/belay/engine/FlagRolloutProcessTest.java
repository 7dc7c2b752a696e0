package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.playground.Scratch;
import io.belay.split.Rollout;
import io.belay.step.FakeStepContext;
import io.belay.target.AllTargetTypes;
import io.belay.target.Environment;
import io.belay.target.Environments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.env.StandardEnvironment;

/**
 * The phase that rolls a flag out, on a real env file with a restart, with real numbers of both
 * versions; what the health gate measures is up to the test.
 */
class FlagRolloutProcessTest {

  private static final String ENV = "PORT=80\nUSE_NEW_KEYS=false\n";
  private static final List<String> NUMBERS =
      List.of(
          "newRequests",
          "oldRequests",
          "newErrors",
          "oldErrors",
          "newDatabaseP95",
          "oldDatabaseP95");

  private static ModelWorld world;
  private static RealSteps steps;

  private Path directory;
  private FakeStepContext context;
  private String run;

  @BeforeAll
  static void deploy() {
    world = new ModelWorld();
    steps =
        new RealSteps(
            "ReadFlag",
            "NextWeight",
            "SetFlag",
            "RestoreFlag",
            "FlagRestart",
            "ValueStores",
            "MeasureNumbers",
            "NumberReader",
            "TallyVerdict");
  }

  @AfterAll
  static void close() {
    world.close();
    steps.close();
  }

  @BeforeEach
  void application() throws IOException {
    directory = Scratch.directory("flag-rollout");
    Files.writeString(env(), ENV);
    print("newRequests", 200);
    print("oldRequests", 200);
    print("newErrors", 0);
    print("oldErrors", 0);
    print("newDatabaseP95", 4.9);
    print("oldDatabaseP95", 3);
    context = new FakeStepContext(environment());
    steps.answer(world, context);
    world.answers.put("awaitHealthy", call -> Map.of("verdict", "PASS", "reason", "healthy"));
    world.answers.put("measureHealth", call -> MainServerRun.HEALTHY);
  }

  private Environment environment() throws IOException {
    StringBuilder targets =
        new StringBuilder(
            """
            description: An application with a flag
            targets:
              settings:
                type: values
                keys: {USE_NEW_KEYS: "true|false|percent=.*"}
                file: %1$s/.env
              keys:
                type: flag
                name: new-keys
                values: settings
                key: USE_NEW_KEYS
                restart: {arguments: [sh, -c, "echo x >> starts; cp .env running"], directory: %1$s}
              new: {type: service, url: "http://localhost:1"}
              old: {type: service, url: "http://localhost:1"}
            """
                .formatted(directory));
    NUMBERS.forEach(
        name ->
            targets.append(
                "  %s: {type: command, run: {arguments: [cat, %s/%s]}}\n"
                    .formatted(name, directory, name)));
    Path environments = Files.createDirectories(directory.resolve("environments"));
    Files.writeString(environments.resolve("test.yml"), targets);
    return new Environments(environments, new StandardEnvironment(), AllTargetTypes.types())
        .load("test");
  }

  @AfterEach
  void forget() {
    world.forget();
  }

  private Path env() {
    return directory.resolve(".env");
  }

  private void print(String file, double number) throws IOException {
    Files.writeString(directory.resolve(file), String.valueOf(number));
  }

  private void start() {
    Map<String, Object> inputs =
        new HashMap<>(
            Map.of(
                "flag", "keys",
                "on", "ann",
                "off", "eve",
                "candidate", "new",
                "baseline", "old",
                "weights", "10,25,50,100",
                "table", "health-gate",
                "window", "PT5M",
                "duration", "PT0S"));
    StringBuilder numbers = new StringBuilder();
    NUMBERS.forEach(name -> numbers.append(name).append(" = output ").append(name).append('\n'));
    inputs.putAll(
        Map.of(
            "numbers",
            numbers.toString().strip(),
            "comparison",
            "comparison-gate",
            "every",
            "PT1M",
            "allowedFailures",
            0L,
            "requiredPasses",
            1L,
            "deadline",
            "PT1H"));
    run =
        world.engine.getRuntimeService().startProcessInstanceByKey("flag-rollout", inputs).getId();
    world.settle();
  }

  private void restore() throws Exception {
    world
        .answers
        .get("restoreFlag")
        .apply(new ModelWorld.Call("restoreFlag", "", "", Map.of("flag", "keys")));
  }

  private Object value(String name) {
    return world
        .engine
        .getHistoryService()
        .createHistoricVariableInstanceQuery()
        .activityInstanceIdIn(run) // without what is local to a step
        .variableName(name)
        .singleResult()
        .getValue();
  }

  private List<String> shares() {
    return world.calls.stream()
        .filter(call -> call.step().equals("setFlag"))
        .map(call -> call.inputs().get("share").toString())
        .toList();
  }

  /** The flag's value that the application has read. */
  private String running() throws IOException {
    return Files.readString(directory.resolve("running"))
        .lines()
        .filter(line -> line.startsWith("USE_NEW_KEYS="))
        .findFirst()
        .orElseThrow()
        .replaceFirst("USE_NEW_KEYS=", "")
        .replaceAll("^['\"]|['\"]$", "");
  }

  /** Whenever the health is measured, after every step before it. */
  private void atEachMeasurement(Consumer<Integer> look) {
    world.answers.put(
        "measureHealth",
        call -> {
          look.accept(shares().size());
          return MainServerRun.HEALTHY;
        });
  }

  private static long usersIn(String rollout) {
    LongAdder withoutKey = new LongAdder();
    Rollout flag = Rollout.valueOf(rollout);
    return IntStream.range(0, 10_000)
        .filter(user -> flag.includes("user-" + user, withoutKey))
        .count();
  }

  @Test
  void everyWeightHolds_givesEachItsUsers_andBothGatesAreAskedAtEach() throws Exception {
    Map<Integer, String> seen = new HashMap<>();
    atEachMeasurement(
        number -> {
          try {
            seen.put(number, running());
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
    start();

    assertThat(value("outcome")).isEqualTo("passed");
    assertThat(shares()).containsExactly("10", "25", "50", "100");
    assertThat(usersIn(seen.get(1))).isBetween(850L, 1_150L);
    assertThat(usersIn(seen.get(3))).isBetween(4_800L, 5_200L);
    assertThat(usersIn(seen.get(4))).isEqualTo(10_000);
    assertThat(Rollout.valueOf(running()).includes("eve", new LongAdder())).isFalse();
    assertThat(Rollout.valueOf(seen.get(1)).includes("ann", new LongAdder())).isTrue();
    assertThat(world.calls.stream().filter(call -> call.step().equals("measureNumbers")))
        .hasSize(4);

    restore();
    assertThat(env()).hasContent(ENV);
    assertThat(running()).isEqualTo("false");
  }

  @Test
  void versionWhoseQueriesAreSlower_getsNoFurtherUsers() throws Exception {
    atEachMeasurement(
        number -> {
          if (number == 2) {
            try {
              print("newDatabaseP95", 5.2);
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          }
        });
    start();

    assertThat(value("outcome")).isEqualTo("failed");
    assertThat(value("reason"))
        .isEqualTo(
            "P95 of the queries is 5.2 ms with the new version and 3.0 ms with the old one, the limit is 5 % or 2 ms more");
    assertThat(shares()).containsExactly("10", "25");

    restore();
    assertThat(env()).hasContent(ENV);
    assertThat(running()).isEqualTo("false");
  }

  @Test
  void versionThatIsWorse_getsNoFurtherUsers_andTheGateKnowsTheShare() {
    world.answers.put(
        "measureHealth",
        call ->
            shares().size() < 2
                ? MainServerRun.HEALTHY
                : ModelRun.with(
                    ModelRun.with(MainServerRun.HEALTHY, "comparison", "WORSE"),
                    "comparisonReason",
                    "new is worse than old"));
    start();

    assertThat(value("outcome")).isEqualTo("failed");
    assertThat(value("reason")).isEqualTo("new is worse than old");
    assertThat(world.calls)
        .filteredOn(call -> call.step().equals("measureHealth"))
        .extracting(call -> call.inputs().get("share").toString())
        .containsExactly("10.0", "25.0");
  }

  @Test
  void unhealthyVersion_isNotCompared() {
    world.answers.put(
        "measureHealth", call -> ModelRun.with(MainServerRun.HEALTHY, "failedProbes", 3));
    start();

    assertThat(value("outcome")).isEqualTo("failed");
    assertThat(shares()).containsExactly("10");
    assertThat(world.calls)
        .extracting(ModelWorld.Call::step)
        .contains("measureHealth")
        .doesNotContain("measureNumbers");
  }

  @Test
  void applicationThatDoesNotComeBack_fails() {
    world.answers.put("awaitHealthy", call -> Map.of("verdict", "FAIL", "reason", "no answer"));
    start();

    assertThat(value("outcome")).isEqualTo("failed");
    assertThat(value("reason")).isEqualTo("no answer");
    assertThat(world.calls).extracting(ModelWorld.Call::step).doesNotContain("measureHealth");
  }

  @Test
  void flagThatIsOnForSomeUsers_takesNobodyOut() throws Exception {
    Files.writeString(
        env(),
        "USE_NEW_KEYS=percent=30 algorithm=belay-1 seed=new-keys on=ann off=eve\n"
            .replaceFirst("=(.*)\n", "='$1'\n"));
    start();

    assertThat(value("outcome")).isEqualTo("passed");
    assertThat(shares()).containsExactly("50", "100");
  }

  @Test
  void numberThatIsMissing_isNoPass() throws Exception {
    Files.delete(directory.resolve("oldDatabaseP95"));
    start();

    assertThat(value("outcome")).isEqualTo("failed");
    assertThat(value("reason").toString()).contains("oldDatabaseP95");
    assertThat(shares()).containsExactly("10");
  }

  @ParameterizedTest
  @CsvSource({"readFlag", "nextWeight", "setFlag", "measureHealth", "measureNumbers"})
  void stepThatSaysStop_failsThePhaseWithItsReason(String step) {
    world.answers.put(
        step,
        call -> {
          throw new BpmnError("STOP", "the flag service is down for good");
        });
    start();

    assertThat(value("outcome")).isEqualTo("failed");
    assertThat(value("reason")).isEqualTo("the flag service is down for good");
  }

  @ParameterizedTest
  @CsvSource({"setFlag", "awaitHealthy", "measureHealth", "measureNumbers"})
  void abortWhileItWorks_endsThePhase_andTheFlagGoesBack(String step) throws Exception {
    world.held.add(step);
    start();
    world
        .engine
        .getRuntimeService()
        .createMessageCorrelation("Abort")
        .processInstanceId(run)
        .setVariable("reason", "enough")
        .correlate();
    world.settle();

    assertThat(value("outcome")).isEqualTo("aborted");
    restore();
    assertThat(env()).hasContent(ENV);
  }

  @Test
  void deadline_timesThePhaseOut() {
    world.held.add("measureHealth");
    start();
    var timers = world.engine.getManagementService().createJobQuery().timers();
    world
        .engine
        .getManagementService()
        .executeJob(timers.activityId("Start_OnDeadline").singleResult().getId());
    world.settle();

    assertThat(value("outcome")).isEqualTo("timedOut");
  }
}
