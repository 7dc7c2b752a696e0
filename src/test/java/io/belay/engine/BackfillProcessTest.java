package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.playground.EmbeddedServers;
import io.belay.playground.Scratch;
import io.belay.step.BusinessStop;
import io.belay.step.FakeStepContext;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.Secret;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.camunda.bpm.engine.delegate.BpmnError;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The phase of a backfill and its undo at the call, with their real steps and a real database. */
class BackfillProcessTest {

  private static final String RUNBOOK =
      """
      <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"
          xmlns:camunda="http://camunda.org/schema/1.0/bpmn">
        <process id="fill-cities" isExecutable="true" camunda:historyTimeToLive="P1D">
          <startEvent id="Start" />
          <sequenceFlow id="a" sourceRef="Start" targetRef="Phase_Backfill" />
          <callActivity id="Phase_Backfill" calledElement="backfill" camunda:calledElementBinding="deployment">
            <extensionElements>
              <camunda:in sourceExpression="shop" target="database" />
              <camunda:in sourceExpression="worker_profiles" target="table" />
              <camunda:in sourceExpression="&#34;cityId&#34; = 'buenos-aires'&#10;&#34;lastActiveAt&#34; = NOW()" target="set" />
              <camunda:in sourceExpression="&#34;cityId&#34; IS NULL" target="condition" />
              <camunda:out source="outcome" target="backfillOutcome" />
              <camunda:out source="reason" target="reason" />
            </extensionElements>
          </callActivity>
          <sequenceFlow id="b" sourceRef="Phase_Backfill" targetRef="Task_Look" />
          <userTask id="Task_Look" />
          <sequenceFlow id="c" sourceRef="Task_Look" targetRef="Back_Backfill" />
          <intermediateThrowEvent id="Back_Backfill" camunda:asyncBefore="true">
            <compensateEventDefinition activityRef="Phase_Backfill" />
          </intermediateThrowEvent>
          <sequenceFlow id="d" sourceRef="Back_Backfill" targetRef="End" />
          <endEvent id="End" />
          <boundaryEvent id="Undo" attachedToRef="Phase_Backfill"><compensateEventDefinition /></boundaryEvent>
          <serviceTask id="Undo_Backfill" isForCompensation="true" camunda:type="external" camunda:topic="restoreRows">
            <extensionElements><camunda:inputOutput>
              <camunda:inputParameter name="database">shop</camunda:inputParameter>
            </camunda:inputOutput></extensionElements>
          </serviceTask>
          <association id="e" associationDirection="One" sourceRef="Undo" targetRef="Undo_Backfill" />
        </process>
      </definitions>""";

  private static EmbeddedPostgres server;
  private static ModelWorld world;
  private static RealSteps steps;

  private FakeStepContext context;
  private String run;

  @BeforeAll
  static void deploy() throws IOException {
    server = EmbeddedServers.postgres().start();
    Path runbook = Scratch.directory("backfill-process").resolve("fill-cities.bpmn");
    world = new ModelWorld(Files.writeString(runbook, RUNBOOK));
    steps = new RealSteps("BackfillRows", "RestoreRows");
  }

  @AfterAll
  static void close() throws IOException {
    world.close();
    steps.close();
    server.close();
  }

  @AfterEach
  void forget() {
    world.forget();
  }

  @BeforeEach
  void table() throws SQLException {
    sql(
        "DROP TABLE IF EXISTS worker_profiles",
        "CREATE TABLE worker_profiles (id serial PRIMARY KEY, \"cityId\" text, \"lastActiveAt\" timestamptz)",
        "INSERT INTO worker_profiles (\"cityId\") SELECT CASE WHEN n > 1500 THEN 'rosario' END FROM generate_series(1, 2000) n");
    context =
        new FakeStepContext(
            Map.of(
                "shop",
                new PostgresTarget(
                    "localhost",
                    server.getPort(),
                    "postgres",
                    "postgres",
                    Secret.none(),
                    12,
                    null,
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(20),
                    RestoreWay.AUTO)));
    steps.answer(world, context);
  }

  private static void sql(String... statements) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection()) {
      for (String statement : statements) {
        connection.createStatement().execute(statement);
      }
    }
  }

  private static long rows(String condition) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        ResultSet row =
            connection
                .createStatement()
                .executeQuery("SELECT count(*) FROM worker_profiles WHERE " + condition)) {
      row.next();
      return row.getLong(1);
    }
  }

  private void start() {
    run = world.engine.getRuntimeService().startProcessInstanceByKey("fill-cities").getId();
    world.settle();
  }

  private Object value(String name) {
    return world.engine.getRuntimeService().getVariable(run, name);
  }

  private void goBack() {
    var tasks = world.engine.getTaskService();
    tasks.complete(tasks.createTaskQuery().taskDefinitionKey("Task_Look").singleResult().getId());
    world.settle();
    assertThat(world.engine.getRuntimeService().createProcessInstanceQuery().count()).isZero();
  }

  @Test
  void phaseWithWhatTheGuideSays_changesTheRows_andItsUndoPutsThemBack() throws Exception {
    start();
    assertThat(value("backfillOutcome")).isEqualTo("passed");
    assertThat(rows("\"cityId\" = 'buenos-aires' AND \"lastActiveAt\" IS NOT NULL"))
        .isEqualTo(1500);

    goBack();
    assertThat(rows("\"cityId\" IS NULL AND \"lastActiveAt\" IS NULL")).isEqualTo(1500);
    assertThat(rows("\"cityId\" = 'rosario'")).isEqualTo(500);
    assertThat(context.takenBack()).containsExactly("backfillRows-1");
  }

  @Test
  void stepThatSaysStop_endsThePhaseAsFailed_andTheUndoStillFindsIt() throws Exception {
    sql("ALTER TABLE worker_profiles DROP CONSTRAINT worker_profiles_pkey");
    var backfill = world.answers.get("backfillRows");
    world.answers.put(
        "backfillRows",
        call -> {
          try {
            return backfill.apply(call);
          } catch (BusinessStop stop) { // as the worker tells the engine
            throw new BpmnError(BusinessStop.CODE, stop.getMessage());
          }
        });
    start();
    assertThat(value("backfillOutcome")).isEqualTo("failed");
    assertThat(value("reason").toString()).contains("it has no primary key");

    goBack();
    assertThat(rows("\"cityId\" IS NULL")).isEqualTo(1500);
    assertThat(context.takenBack()).containsExactly("backfillRows-1");
  }
}
