package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The phase that drains an outbox. */
class DrainOutboxProcessTest {

  private static ModelWorld world;

  @BeforeAll
  static void deploy() {
    world = new ModelWorld();
  }

  @AfterAll
  static void close() {
    world.close();
  }

  @AfterEach
  void forget() {
    world.forget();
  }

  private String outcomeOf(Map<String, Object> more) {
    Map<String, Object> inputs = new HashMap<>(Map.of("database", "shop", "publisher", "events"));
    inputs.putAll(Map.of("path", "/", "outbox", "outbox_events", "idColumn", "id"));
    inputs.putAll(Map.of("aggregateColumn", "aggregate_id", "typeColumn", "type"));
    inputs.putAll(Map.of("payloadColumn", "payload", "processedColumns", "processed"));
    inputs.putAll(Map.of("orderColumn", "id", "batch", 100L, "attempts", 3L));
    inputs.putAll(more);
    String run =
        world.engine.getRuntimeService().startProcessInstanceByKey("drain-outbox", inputs).getId();
    world.settle();
    return (String)
        world
            .engine
            .getHistoryService()
            .createHistoricVariableInstanceQuery()
            .processInstanceId(run)
            .variableName("outcome")
            .singleResult()
            .getValue();
  }

  private static Map<String, Object> answer(String verdict) {
    return Map.of("verdict", verdict, "reason", "event 5 of aggregate order-1: status 422");
  }

  @Test
  void drainWithoutARefusedEvent_passes_andTheStepGetsTheColumns() {
    world.answers.put("drainOutbox", call -> answer("PASS"));

    assertThat(outcomeOf(Map.of("orderColumn", "created_at", "batch", 10L))).isEqualTo("passed");
    assertThat(world.calls)
        .singleElement()
        .satisfies(
            call ->
                assertThat(call.inputs())
                    .containsEntry("database", "shop")
                    .containsEntry("table", "outbox_events")
                    .containsEntry("processed", "processed")
                    .containsEntry("order", "created_at")
                    .containsEntry("batch", 10L));
  }

  @Test
  void refusedEvent_endsThePhaseAsFailed() {
    world.answers.put("drainOutbox", call -> answer("FAIL"));

    assertThat(outcomeOf(Map.of())).isEqualTo("failed");
  }

  @Test
  void tableThatDoesNotFit_endsThePhaseAsFailed() {
    world.answers.put(
        "drainOutbox",
        call -> {
          throw new BpmnError("STOP", "database 'shop' has no table outbox_events");
        });

    assertThat(outcomeOf(Map.of())).isEqualTo("failed");
  }
}
