package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.engine.control.RunActivities.OpenIncident;
import io.belay.engine.control.RunActivities.OpenTask;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import io.belay.run.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.task.IdentityLink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** What is listed costs as many statements for many runs as for one, and says the same. */
@WebTest
@OwnBelay
@Import(CountedStatements.class)
class ManyRunsTest {

  private static final int MOST = 7;

  @TempDir static Path environments;

  @Autowired Caller caller;
  @Autowired Runs runs;
  @Autowired RuntimeService runtime;
  @Autowired TaskService tasks;
  @Autowired JdbcTemplate jdbc;

  private final List<String> started = new ArrayList<>();

  /** One for each run, since a target has one run. */
  @DynamicPropertySource
  static void environments(DynamicPropertyRegistry properties) throws IOException {
    for (int port = 1; port <= MOST; port++) {
      Files.writeString(
          environments.resolve("e%d.yml".formatted(port)),
          "targets: {cache: {type: redis, host: 127.0.0.1, port: %d}}".formatted(port));
    }
    properties.add("belay.environments", environments::toString);
    properties.add("spring.datasource.url", () -> "jdbc:h2:mem:many;DB_CLOSE_DELAY=-1");
    // engine-rest asks the engine of the JVM with the default name, which the shared Belay has
    properties.add("camunda.bpm.process-engine-name", () -> "many");
  }

  @AfterEach
  void end() {
    started.forEach(caller::end);
  }

  @Test
  void enginesTables_haveTheIndexesThatTheyLack() {
    assertThat(
            jdbc.queryForList(
                "SELECT INDEX_NAME FROM INFORMATION_SCHEMA.INDEXES WHERE TABLE_NAME LIKE 'ACT_RU_%'",
                String.class))
        .contains("BELAY_JOB_DUE", "BELAY_AUTHORIZATION_TYPE");
  }

  @Test
  void listOfRuns_takesAsManyStatementsForManyAsForTwo() throws Exception {
    start("WAITING_FOR_PERSON", "");
    start("INCIDENT", ",\"fail\":true");
    int forTwo = CountedStatements.during(() -> runs.list(50, 0));
    int tasksOfTwo = CountedStatements.during(() -> runs.tasks(50, 0));

    start("WAITING_FOR_PERSON", "");
    start("WAITING_FOR_PERSON", "");
    start("INCIDENT", ",\"fail\":true");
    start("INCIDENT", ",\"fail\":true");

    assertThat(forTwo).isBetween(4, 8);
    assertThat(CountedStatements.during(() -> runs.list(50, 0))).isEqualTo(forTwo);
    assertThat(CountedStatements.during(() -> runs.tasks(50, 0))).isEqualTo(tasksOfTwo);
  }

  @Test
  void listedRun_saysTheSameAsTheEngineSaysOfIt() throws Exception {
    String waiting = start("WAITING_FOR_PERSON", "");
    String failed = start("INCIDENT", ",\"fail\":true");
    String other = start("WAITING_FOR_PERSON", "");
    String over = start("WAITING_FOR_PERSON", "");
    caller.end(over);

    List<RunView> listed = runs.list(50, 0);

    assertThat(listed.stream().map(RunView::id).limit(4))
        .containsExactly(over, other, failed, waiting);
    for (RunView run : listed) {
      assertThat(run.tasks()).isEqualTo(tasksByTheEngine(run.id()));
      assertThat(run.incidents()).isEqualTo(incidentsByTheEngine(run.id()));
      assertThat(run.status()).isEqualTo(runs.find(run.id()).orElseThrow().status());
    }
    assertThat(listed.get(3).tasks()).hasSize(1);
    assertThat(listed.get(3).tasks().get(0).groups()).contains("approver");
    assertThat(listed.get(2).incidents()).hasSize(1);
    assertThat(listed.get(2).status()).isEqualTo(RunStatus.INCIDENT);
    assertThat(listed.get(0).status()).isEqualTo(RunStatus.ROLLED_BACK);
  }

  @Test
  void tasksOfAllRuns_comeInPages_newestFirst() throws Exception {
    List<String> waiting =
        List.of(
            start("WAITING_FOR_PERSON", ""),
            start("WAITING_FOR_PERSON", ""),
            start("WAITING_FOR_PERSON", ""));

    assertThat(runsOfTasks("")).startsWith(waiting.get(2), waiting.get(1), waiting.get(0));
    assertThat(runsOfTasks("?limit=1")).containsExactly(waiting.get(2));
    assertThat(runsOfTasks("?limit=2&offset=1")).containsExactly(waiting.get(1), waiting.get(0));
    assertThat(caller.get("anna", "/api/tasks").is(200).body().at("/0/form/elements")).isNotEmpty();
    for (String wrong : new String[] {"limit=0", "limit=501", "offset=-1"}) {
      caller.get("anna", "/api/tasks?" + wrong).is(400);
    }
  }

  private List<String> runsOfTasks(String query) {
    return StreamSupport.stream(
            caller.get("anna", "/api/tasks" + query).is(200).body().spliterator(), false)
        .map(task -> task.path("runId").asText())
        .toList();
  }

  private String start(String until, String parameters) {
    String run =
        caller
            .post(
                "olga",
                "/api/runs",
                "{\"runbook\":\"web-test\",\"parameters\":{\"environment\":\"e%d\"%s}}"
                    .formatted(started.size() + 1, parameters))
            .is(201)
            .body()
            .path("id")
            .asText();
    started.add(run);
    caller.awaitStatus(run, until);
    return run;
  }

  private Stream<String> instances(String run) {
    return runtime.createProcessInstanceQuery().rootProcessInstanceId(run).list().stream()
        .map(instance -> instance.getProcessInstanceId());
  }

  private List<OpenTask> tasksByTheEngine(String run) {
    return instances(run)
        .flatMap(
            id ->
                tasks.createTaskQuery().processInstanceId(id).initializeFormKeys().list().stream())
        .map(
            task ->
                new OpenTask(
                    task.getId(),
                    task.getProcessInstanceId(),
                    task.getTaskDefinitionKey(),
                    task.getName(),
                    task.getDescription(),
                    task.getCamundaFormRef().getKey(),
                    tasks.getIdentityLinksForTask(task.getId()).stream()
                        .map(IdentityLink::getGroupId)
                        .toList(),
                    task.getAssignee(),
                    task.getCreateTime().toInstant(),
                    null,
                    false))
        .toList();
  }

  private List<OpenIncident> incidentsByTheEngine(String run) {
    return instances(run)
        .flatMap(id -> runtime.createIncidentQuery().processInstanceId(id).list().stream())
        .filter(incident -> incident.getId().equals(incident.getRootCauseIncidentId()))
        .map(
            incident ->
                new OpenIncident(
                    incident.getId(),
                    incident.getProcessInstanceId(),
                    incident.getFailedActivityId() == null
                        ? incident.getActivityId()
                        : incident.getFailedActivityId(),
                    incident.getIncidentMessage(),
                    incident.getIncidentTimestamp().toInstant()))
        .toList();
  }
}
