package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.face.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.identity.User;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.JdbcTemplate;

/** The terminal against a Belay. */
@WebTest
class TerminalTest {

  /** The terminal reads passwords from the environment only, so one that is there anyway serves. */
  private static final String PASSWORD = "PATH";

  @Autowired Caller caller;
  @Autowired IdentityService identity;
  @Autowired JdbcTemplate jdbc;

  /** What it said and its exit code. */
  private record Said(String text, int exit) {}

  @BeforeEach
  void createPeople() {
    create("tess", "operator");
    create("theo", "approver");
    create("tara", "administrator");
  }

  private void create(String name, String group) {
    if (identity.createUserQuery().userId(name).count() == 0) {
      User user = identity.newUser(name);
      user.setPassword(System.getenv(PASSWORD));
      identity.saveUser(user);
      identity.createMembership(name, group);
    }
  }

  @Test
  void plan_tellsEachStep_andExitsByWhetherItCouldStart() {
    Said plan = say("plan", "web-test", "--environment=test", "--count=7");
    assertThat(plan.text()).contains("Counting", "Would count to 7", "Deciding");
    assertThat(plan.exit()).isZero();

    Said lacking = say("plan", "web-test", "--environment=lacking");
    assertThat(lacking.text()).contains("has no target 'cache'");
    assertThat(lacking.exit()).isEqualTo(1);

    Said wrong = say("plan", "web-test", "--environment=test", "--weights=50,25");
    assertThat(wrong.text()).contains("weights: must ascend");
    assertThat(wrong.exit()).isEqualTo(1);
  }

  @Test
  void run_isFollowedToItsEnd_withPhasesGatesAndNumbers_andApproved() {
    Said said = run("--pause=0s");

    assertThat(said.text())
        .contains("started by tess", "counting passed", "counting-gate PASS: All within limits")
        .contains("P95 latency (ms) 120", "(as theo)", "Run ended: completed", "/report");
    assertThat(said.exit()).isZero();
  }

  @Test
  void run_thatEndsOtherwise_failsUnlessThatWasExpected() {
    Said unwanted = run("--count=501", "--pause=0s");
    assertThat(unwanted.text())
        .contains("counting-gate FAIL: P95 latency is over 200 ms", "rolling back")
        .contains("Run ended: rolled back", "but expected was COMPLETED");
    assertThat(unwanted.exit()).isEqualTo(1);

    assertThat(run("--count=501", "--pause=0s", "--expect=ROLLED_BACK").exit()).isZero();
  }

  @Test
  void refusedStart_namesTheRule() {
    Said refused = run("--count=none");
    assertThat(refused.text()).contains("count: must be a number");
    assertThat(refused.exit()).isEqualTo(1);
  }

  @Test
  void abort_takesARunBack_andRunsAreListed() {
    String run = caller.startUntilDecision();

    Said aborted = say("abort", run, "--reason=second thoughts");
    assertThat(aborted.exit()).isZero();
    Said followed = say("follow", run, "--expect=ROLLED_BACK");
    assertThat(followed.text()).contains("abort by tess: second thoughts");
    assertThat(followed.exit()).isZero();
    assertThat(say("runs").text()).contains(run + "  rolled back");
  }

  @Test
  void verifyJournal_exitsByWhetherItIsIntact() {
    caller.end(caller.startUntilDecision());
    Said intact = say("verify-journal");
    assertThat(intact.text()).contains("The journal is intact: ");
    assertThat(intact.exit()).isZero();

    Long entry = jdbc.queryForObject("SELECT min(entry_id) FROM belay_journal_seal", Long.class);
    String text =
        jdbc.queryForObject("SELECT text FROM belay_journal WHERE id = ?", String.class, entry);
    jdbc.update("UPDATE belay_journal SET text = 'nothing happened' WHERE id = ?", entry);
    try {
      Said changed = say("verify-journal");
      assertThat(changed.text()).contains("The journal is CHANGED").contains("" + entry);
      assertThat(changed.exit()).isEqualTo(1);
    } finally {
      jdbc.update("UPDATE belay_journal SET text = ? WHERE id = ?", text, entry);
    }
  }

  @Test
  void deploy_sendsTheWholeDirectory_andOnlyAnAdministratorMay() {
    Path models = Path.of("src/test/resources/web/processes");
    Said deployed = sayAs("tara", "deploy", models.toString());
    assertThat(deployed.text()).contains("Deployed: ", "web-test, version ");
    assertThat(deployed.exit()).isZero();
    assertThat(sayAs("tara", "deploy", models.toString()).text()).contains("nothing has changed");

    Said refused = say("deploy", models.toString());
    assertThat(refused.text()).contains("administrator");
    assertThat(refused.exit()).isEqualTo(1);
  }

  @Test
  void deploy_listsEveryFindingOfTheLint(@TempDir Path directory) throws IOException {
    String runbook =
        Files.readString(Path.of("src/test/resources/web/processes/runbooks/web-test.bpmn"));
    Files.writeString(
        directory.resolve("web-test.bpmn"),
        runbook
            .replace("calledElement=\"counting\"", "calledElement=\"lost\"")
            .replace("name=\"Counted?\"", ""));
    Said refused = sayAs("tara", "deploy", directory.toString());
    assertThat(refused.text())
        .contains("runbooks/web-test.bpmn: Phase_Counting: calls 'lost'")
        .contains("runbooks/web-test.bpmn: Gateway_CountingPassed");
    assertThat(refused.exit()).isEqualTo(1);
  }

  @Test
  void deploy_ofNoModels_isRefusedBeforeAnythingIsSent(@TempDir Path empty) {
    assertThat(sayAs("tara", "deploy", empty.toString()).text()).contains("has no .bpmn file");
    assertThat(sayAs("tara", "deploy", empty + "/none").exit()).isEqualTo(2);
    assertThat(sayAs("tara", "deploy").exit()).isEqualTo(2);
  }

  private Said run(String... options) {
    List<String> command = new ArrayList<>(List.of("run", "web-test", "--environment=test"));
    command.addAll(List.of(options));
    command.addAll(
        List.of("--yes", "--quit-quietly", "--approver=theo", "--approver-password-env=PATH"));
    return say(command.toArray(String[]::new));
  }

  private Said say(String... arguments) {
    return sayAs("tess", arguments);
  }

  private Said sayAs(String user, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--url=" + caller.uri(""), "--user=" + user, "--password-env=" + PASSWORD));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int exit =
        Terminal.run(
            new PrintStream(out, true, StandardCharsets.UTF_8), all.toArray(String[]::new));
    return new Said(out.toString(StandardCharsets.UTF_8), exit);
  }
}
