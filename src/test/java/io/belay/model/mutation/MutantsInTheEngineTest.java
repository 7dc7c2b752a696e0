package io.belay.model.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.face.web.OwnBelay;
import io.belay.model.ModelFiles;
import io.belay.model.lint.BoundInputs;
import io.belay.model.lint.ModelLint;
import io.belay.model.mutation.ScriptedRun.Outcome;
import io.belay.step.StepDelegate;
import io.belay.step.StepTypes;
import jakarta.validation.Validator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.repository.DeploymentBuilder;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.IntermediateCatchEvent;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.UserTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;
import org.springframework.util.StringUtils;

/**
 * The mutants that the lint accepts, run in the engine with scripted steps and all of its laws: no
 * run of them breaks a promise of Belay's. The whole set is {@code ./belay mutants}.
 */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "spring.datasource.url=jdbc:h2:mem:mutants;DB_CLOSE_DELAY=-1",
      "camunda.bpm.process-engine-name=mutants",
      "camunda.bpm.job-execution.enabled=false",
      "belay.processes=processes",
      "belay.environments=src/test/resources/mutants",
      "belay.artifacts.directory=target/mutants/artifacts",
      "belay.security.playground=true",
      "belay.security.users.adam.password=adam",
      "belay.security.users.adam.roles=administrator",
      "belay.security.users.olga.password=olga",
      "belay.security.users.olga.roles=operator,approver",
      "belay.security.users.otto.password=otto",
      "belay.security.users.otto.roles=operator",
      "belay.security.users.anna.password=anna",
      "belay.security.users.anna.roles=approver",
      "belay.step.attempts=1",
      "belay.step.poll=50ms",
      "logging.level.io.belay=ERROR"
    })
@Import({ScriptedSteps.class, ScriptedRun.class})
@OwnBelay
class MutantsInTheEngineTest {

  @Autowired Validator validator;
  @Autowired RepositoryService repository;
  @Autowired ScriptedRun run;

  /** Of mutants, and of the ways in which a run of one goes; all when asked for. */
  private static final int SAMPLE = Integer.getInteger("belay.mutants", Mutants.ALL ? 10_000 : 6);

  private static final int SCENARIOS = Mutants.ALL ? 1_000 : 1;

  private static final Path REPORT = Path.of("target/mutants-in-the-engine.txt");

  /** No run of the delivered models needs a quarter of it. */
  private static final int MOST_MOVES = 600;

  /** Where a run of the runbook has done the most that an abort takes back. */
  private static final Map<String, String> LAST_WAIT =
      Map.of(
          "main-server-v1-to-v2", "Timer_BaselineKept",
          "two-database-rolling", "Timer_LegacyKept");

  private final Map<String, StepDelegate<?, ?>> steps = new HashMap<>();
  private final Map<String, Outcome> undisturbed = new HashMap<>();
  private final Random chance = new Random(Mutants.SEED);
  private Map<String, byte[]> originals;
  private ModelLint lint;

  @BeforeEach
  void read() throws IOException {
    originals = Mutants.originals();
    List<StepDelegate<?, ?>> idle = StepTypes.idle();
    lint = new ModelLint(idle, new BoundInputs(validator));
    for (StepDelegate<?, ?> step : idle) {
      steps.put(StringUtils.uncapitalize(step.getClass().getSimpleName()), step);
    }
  }

  @Test
  void unchangedModels_keepEveryPromise_andReachTheirEnds() {
    for (Map<String, byte[]> set : Mutants.runbooks(originals)) {
      Outcome outcome = undisturbed(set, Scenario.ALL_PASS);
      assertThat(outcome.end()).as(outcome.reason()).isEqualTo("COMPLETED");
      Scenario late = goesBack(runbook(set));
      if (late != Scenario.ALL_PASS) {
        assertThat(undisturbed(set, late).end()).isEqualTo("ROLLED_BACK");
      }
    }
    assertThat(undisturbed.values()).flatExtracting(Outcome::violations).isEmpty();
  }

  @Test
  void mutantsThatTheLintAccepts_breakNoPromise() throws IOException {
    Files.writeString(REPORT, "");
    List<Map<String, byte[]>> sets = Mutants.runbooks(originals);
    List<String> broken = new ArrayList<>();
    int tried = 0;
    for (Mutant mutant : Mutants.mixed(Mutants.all(originals), Mutants.SEED)) {
      if (tried == SAMPLE) {
        break;
      }
      Map<String, byte[]> set = Mutants.around(mutant.file(), sets);
      Map<String, byte[]> changed = new LinkedHashMap<>(set);
      changed.put(mutant.file(), mutant.content());
      if (lint.check(changed).isEmpty()) {
        tried++;
        broken.addAll(tried(mutant, set, changed));
      }
    }
    assertThat(tried).isPositive();
    assertThat(Mutants.ALL || tried == SAMPLE).isTrue();
    assertThat(broken).isEmpty();
  }

  private List<String> tried(Mutant mutant, Map<String, byte[]> set, Map<String, byte[]> changed)
      throws IOException {
    List<String> broken = new ArrayList<>();
    String deployment = deploy(changed);
    try {
      for (Scenario scenario : chosen(scenarios(mutant.file(), set))) {
        Outcome outcome =
            run.of(runbook(set), parameters(runbook(set)), changed, scenario, MOST_MOVES);
        List<String> violations = new ArrayList<>(outcome.violations());
        if (outcome.end().equals("COMPLETED") && !outcome.notPassed().isEmpty()) {
          outcome.notPassed().stream()
              .filter(phase -> !undisturbed(set, scenario).notPassed().contains(phase))
              .forEach(phase -> violations.add("COMPLETED, but " + phase + " did not pass"));
        }
        String line = "%s | %s | %s | %s".formatted(mutant, scenario, outcome.end(), violations);
        Files.writeString(REPORT, line + "\n", StandardOpenOption.APPEND);
        if (!violations.isEmpty()) {
          broken.add(line);
        }
      }
    } finally {
      repository.deleteDeployment(deployment, true);
    }
    return broken;
  }

  private List<Scenario> chosen(Set<Scenario> scenarios) {
    List<Scenario> chosen = new ArrayList<>(scenarios);
    Collections.shuffle(chosen, chance);
    return chosen.subList(0, Math.min(SCENARIOS, chosen.size()));
  }

  private Outcome undisturbed(Map<String, byte[]> set, Scenario scenario) {
    return undisturbed.computeIfAbsent(
        runbook(set) + scenario,
        key -> {
          String deployment = deploy(set);
          try {
            return run.of(runbook(set), parameters(runbook(set)), set, scenario, MOST_MOVES);
          } finally {
            repository.deleteDeployment(deployment, true);
          }
        });
  }

  private static String runbook(Map<String, byte[]> set) {
    return set.keySet().stream()
        .filter(file -> file.startsWith("runbooks/"))
        .map(file -> file.replaceAll(".*/|\\.bpmn", ""))
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, Object> parameters(String runbook) {
    Map<String, Object> parameters = ModelFiles.defaults("start-" + runbook);
    boolean own = Files.exists(Path.of("src/test/resources/mutants", runbook + ".yml"));
    parameters.put("environment", own ? runbook : "mutants");
    return parameters;
  }

  private String deploy(Map<String, byte[]> models) {
    DeploymentBuilder deployment = repository.createDeployment().name("mutant");
    models.forEach(
        (name, content) -> deployment.addInputStream(name, new ByteArrayInputStream(content)));
    return deployment.deploy().getId();
  }

  /** All the way up, and down again. */
  private static Scenario goesBack(String runbook) {
    return LAST_WAIT.containsKey(runbook)
        ? Scenario.of(Scenario.Kind.ABORTED, LAST_WAIT.get(runbook))
        : Scenario.ALL_PASS;
  }

  /** All passes; all is taken back; and each thing that can go wrong near the changed file. */
  private Set<Scenario> scenarios(String file, Map<String, byte[]> set) {
    Scenario back = goesBack(runbook(set));
    Set<Scenario> scenarios = new LinkedHashSet<>(List.of(Scenario.ALL_PASS));
    scenarios.add(back);
    boolean inUndo = file.startsWith("phases/undo-");
    set.forEach(
        (name, content) -> {
          boolean near =
              name.equals(file)
                  || file.startsWith("runbooks/") && !name.startsWith("phases/undo-")
                  || file.startsWith("decisions/") && refersTo(content, file);
          if (near && name.endsWith(".bpmn")) {
            inProcess(content).forEach(event -> scenarios.add(inUndo ? back.and(event) : event));
          }
        });
    return scenarios;
  }

  private static boolean refersTo(byte[] content, String decision) {
    return new String(content, StandardCharsets.UTF_8)
        .contains("decisionRef=\"%s\"".formatted(decision.replaceAll(".*/|\\.dmn", "")));
  }

  private List<Scenario> inProcess(byte[] content) {
    BpmnModelInstance model = Bpmn.readModelFromStream(new ByteArrayInputStream(content));
    List<Scenario> scenarios = new ArrayList<>();
    for (ServiceTask task : model.getModelElementsByType(ServiceTask.class)) {
      String name = step(task);
      if (ScriptedWorld.judges(steps.get(name), name)) {
        scenarios.add(Scenario.of(Scenario.Kind.NO_ONCE, task.getId()));
        scenarios.add(Scenario.of(Scenario.Kind.NO_ALWAYS, task.getId()));
      }
    }
    for (UserTask task : model.getModelElementsByType(UserTask.class)) {
      scenarios.add(Scenario.of(Scenario.Kind.DECLINED, task.getId()));
      scenarios.add(Scenario.of(Scenario.Kind.UNANSWERED, task.getId()));
      scenarios.add(Scenario.of(Scenario.Kind.ABORTED, task.getId()));
    }
    for (IntermediateCatchEvent event :
        model.getModelElementsByType(IntermediateCatchEvent.class)) {
      scenarios.add(Scenario.of(Scenario.Kind.ABORTED, event.getId()));
    }
    return scenarios;
  }

  private static String step(ServiceTask task) {
    return task.getCamundaTopic() != null
        ? task.getCamundaTopic()
        : task.getCamundaDelegateExpression().replaceAll("[${}]", "");
  }
}
