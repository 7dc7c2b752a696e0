package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.capability.contract.AnsweringServer;
import io.belay.capability.contract.CompareContract;
import io.belay.capability.contract.RequestsTarget;
import io.belay.playground.Scratch;
import io.belay.step.FakeStepContext;
import io.belay.step.OverriddenStep;
import io.belay.target.HttpTarget;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract check as a phase, with its real step and two real servers. */
class ContractCheckProcessTest {

  private static ModelWorld world;
  private static RealSteps steps;

  private AnsweringServer old;
  private AnsweringServer now;
  private String run;

  @BeforeAll
  static void deploy() {
    world = new ModelWorld();
    steps = new RealSteps("CompareContract");
  }

  @AfterAll
  static void close() {
    world.close();
    steps.close();
  }

  @BeforeEach
  void servers() throws Exception {
    old = new AnsweringServer();
    now = new AnsweringServer();
    for (AnsweringServer server : List.of(old, now)) {
      server.answer("GET /orders", 200, "application/json", "[1]");
    }
    Path file = Scratch.directory("contract-check").resolve("requests.yml");
    Files.writeString(file, "- GET /orders");
    steps.answer(
        world,
        new FakeStepContext(
            Map.of(
                "v1",
                target(old.url()),
                "v2",
                target(now.url()),
                "orders",
                new RequestsTarget(file, null, List.of(), List.of(), List.of(), List.of()))));
  }

  @AfterEach
  void forget() {
    world.forget();
    old.close();
    now.close();
  }

  private static HttpTarget target(URI url) {
    return new HttpTarget(
        url,
        Map.of(),
        Duration.ofSeconds(10),
        null,
        null,
        null,
        null,
        null,
        Map.of(),
        Map.of(),
        List.of());
  }

  private void start() {
    Map<String, Object> inputs =
        new HashMap<>(
            Map.of(
                "requests", "orders",
                "baseline", "v1",
                "candidate", "v2",
                "compare", "VALUES",
                "deadline", "PT1H"));
    run =
        world
            .engine
            .getRuntimeService()
            .startProcessInstanceByKey("contract-check", inputs)
            .getId();
    world.settle();
  }

  private Object value(String name) {
    return world
        .engine
        .getHistoryService()
        .createHistoricVariableInstanceQuery()
        .activityInstanceIdIn(run)
        .variableName(name)
        .singleResult()
        .getValue();
  }

  @Test
  void sameAnswers_pass() {
    start();

    assertThat(value("outcome")).isEqualTo("passed");
    assertThat(value("verdict")).isEqualTo("PASS");
  }

  @Test
  void brokenContract_fails_withItsReason() {
    now.answer("GET /orders", 200, "application/json", "{}");
    start();

    assertThat(value("outcome")).isEqualTo("failed");
    assertThat(value("reason"))
        .isEqualTo(
            "1 breaking difference in 1 of 1 compared answers of 'v2', first GET /orders: the body is an object instead of an array");
  }

  @Test
  void serviceThatIsNotThere_doesNotPass() {
    now.close();
    start();

    assertThat(value("outcome")).isEqualTo("failed");
    assertThat(value("verdict")).isEqualTo("NO_DATA");
  }

  @Test
  void comparisonThatAPersonDidByHand_doesNotPassByItself() {
    world.answers.put(
        "compareContract", call -> OverriddenStep.result(CompareContract.Result.class));
    start();

    assertThat(value("outcome")).isEqualTo("failed");
  }
}
