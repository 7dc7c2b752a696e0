package io.belay.matrix;

import static org.awaitility.Awaitility.await;

import io.belay.artifact.ArtifactStore;
import io.belay.engine.control.RunActivities;
import io.belay.engine.control.RunActivities.ActivityState;
import io.belay.engine.control.RunActivities.OpenTask;
import io.belay.engine.control.RunControl;
import io.belay.engine.control.TaskForms;
import io.belay.journal.JournalChain;
import io.belay.matrix.Failures.Failure;
import io.belay.matrix.RunbookModel.End;
import io.belay.matrix.Rung.Way;
import io.belay.playground.World;
import io.belay.playground.WorldFingerprint;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import io.belay.run.Runs;
import io.belay.step.StepObserver;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.camunda.bpm.engine.RuntimeService;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Leaves a runbook at every place at which it can be left: each gate is failed by the world, each
 * approval refused or left to expire, each deadline missed, each wait aborted. However it was left,
 * what is rolled back must be as it was before. All places come from the models.
 */
final class RungMatrix {

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final World world;
  private final RunbookModel model;
  private final Consumer<String> progress;
  private final Watcher watcher;
  private final RunControl control;
  private final Runs runs;
  private final RunActivities activities;
  private final TaskForms forms;
  private final JournalChain chain;
  private final RuntimeService runtime;
  private final JdbcTemplate jdbc;
  private final Failures failures;
  private final BelayInside inside;

  /** Is told of every moment of every step, in the JVM of the steps. */
  interface Watcher {
    void everywhere(StepObserver observer);

    void clear();
  }

  RungMatrix(World world, RunbookModel model, BelayInside inside, Consumer<String> progress) {
    this.world = world;
    this.model = model;
    this.inside = inside;
    this.progress = progress;
    this.watcher = inside.watcher();
    ApplicationContext belay = inside.context();
    this.control = belay.getBean(RunControl.class);
    this.runs = belay.getBean(Runs.class);
    this.activities = belay.getBean(RunActivities.class);
    this.forms = belay.getBean(TaskForms.class);
    this.chain = belay.getBean(JournalChain.class);
    this.runtime = belay.getBean(RuntimeService.class);
    this.jdbc = belay.getBean(JdbcTemplate.class);
    this.failures = new Failures(belay.getBean(ArtifactStore.class));
  }

  /** Goes each scenario once to its end, where it is not known what it reaches; lists all rungs. */
  List<Rung> rungs(LeftRungs known) {
    Map<Scenario, Set<String>> reached = new LinkedHashMap<>();
    for (Scenario scenario : new Scenarios(model).through()) {
      Set<String> there = known.reached().computeIfAbsent(scenario.name(), n -> pass(scenario));
      reached.put(scenario, there);
    }
    known.places().clear();
    known.places().addAll(new Rungs(model, step -> failures.of(step).isPresent(), reached).all());
    return List.copyOf(known.places());
  }

  private Set<String> pass(Scenario scenario) {
    progress.accept("%s, %s: undisturbed".formatted(model.id(), scenario.name()));
    world.reset();
    watcher.clear();
    inside.before(scenario, world);
    String run = control.start(model.id(), null, scenario.parameters(), "operator");
    RunStatus status = attend(run, false, task -> false, () -> {});
    if (status != RunStatus.COMPLETED) {
      throw new IllegalStateException("an undisturbed run ended " + runs.find(run));
    }
    return reachedBy(run);
  }

  private Set<String> reachedBy(String run) {
    Set<String> keys = new TreeSet<>();
    for (ActivityState activity : activities.activities(run)) {
      keys.add(activity.definitionId().split(":")[0] + "/" + activity.activityId());
    }
    return keys;
  }

  /** Leaves the runbook there. */
  LeftRung leave(Rung rung) {
    long began = System.nanoTime();
    List<String> problems = new ArrayList<>();
    RunStatus status = null;
    Set<String> ends = new TreeSet<>();
    String run = null;
    try {
      watcher.clear();
      world.reset();
      inside.before(rung.scenario(), world);
      Failure failure =
          rung.way() == Way.GATE_FAILS ? failures.of(rung.what()).orElseThrow() : null;
      if (failure != null && failure.beforeStart()) {
        failure.cause().accept(world, null);
      }
      WorldFingerprint before = world.fingerprint();
      Map<String, Object> parameters = parameters(rung);
      AtomicBoolean left = new AtomicBoolean();
      Hold hold = new Hold();
      watcher.everywhere(observer(rung, failure, left, hold));
      run = control.start(model.id(), null, parameters, "operator");
      String id = run;
      status =
          attend(
              run,
              failure != null && !failure.beforeStart(),
              task -> atTask(rung, id, task, left),
              () -> between(rung, id, hold, left));
      hold.release();
      watcher.clear();
      if (failure == null || !failure.beforeStart()) {
        world.repair();
      }
      RunView view = runs.find(run).orElseThrow();
      Set<String> keys = reachedBy(run);
      model.ends().stream().map(End::key).filter(keys::contains).forEach(ends::add);
      if (status == RunStatus.ROLLED_BACK) {
        world.fingerprint().differencesFrom(before).forEach(d -> problems.add("world: " + d));
      } else if (status != RunStatus.COMPLETED || rung.way() == Way.ABORTED) {
        problems.add("it ended %s: %s %s".formatted(status, view.incidents(), view.standing()));
      }
      if (!left.get() && rung.way() != Way.EXPIRED && rung.way() != Way.LATE) {
        problems.add("that place was not reached");
      }
      if (rung.way() == Way.LATE && ends.stream().noneMatch(end -> end.endsWith("/End_TimedOut"))) {
        problems.add("the deadline did not pass");
      }
      chain.check().problems().forEach(problem -> problems.add("journal: " + problem));
    } catch (RuntimeException stuck) {
      problems.add(String.valueOf(stuck.getMessage()));
    } finally {
      watcher.clear();
      deleteWhatStillRuns();
    }
    LeftRung result =
        new LeftRung(
            LocalDate.now(), rung, status, ends, problems, (System.nanoTime() - began) / 1e9);
    progress.accept(
        "%s, %s, %s: %s, %s in %.0f s%n"
            .formatted(
                model.id(),
                rung.key(),
                rung.way().label(),
                status,
                problems.isEmpty() ? "as before" : problems,
                result.seconds()));
    return result;
  }

  private Map<String, Object> parameters(Rung rung) {
    Map<String, Object> parameters = new LinkedHashMap<>(rung.scenario().parameters());
    switch (rung.way()) {
      case GATE_FAILS ->
          parameters.replaceAll(
              (name, value) -> name.toLowerCase().endsWith("allowedfailures") ? 0 : value);
      case EXPIRED -> parameters.put(rung.what(), "1s");
      case LATE -> parameters.put(rung.what(), "6s");
      case ABORTED ->
          model.pauses().stream()
              .filter(pause -> pause.activityId().equals(rung.activityId()))
              .forEach(pause -> parameters.put(pause.duration(), "5m"));
      case REFUSED -> {
        // people do that
      }
    }
    return parameters;
  }

  private StepObserver observer(Rung rung, Failure failure, AtomicBoolean left, Hold hold) {
    boolean atStep = rung.way() == Way.ABORTED && rung.what() != null;
    return (moment, run, activityId, step) -> {
      if (moment != StepObserver.Moment.AFTER_INTENT) {
        return;
      }
      if (rung.way() == Way.LATE) {
        // The first long step of the phase is held until its deadline; short ones cannot be.
        String key = StepKeys.of(jdbc, run, activityId);
        boolean first =
            model.steps().stream()
                .filter(s -> s.model().equals(rung.model()) && s.external() && !s.handler())
                .findFirst()
                .filter(s -> s.key().equals(key))
                .isPresent();
        if (first && left.compareAndSet(false, true)) {
          hold.stay();
        }
        return;
      }
      boolean here =
          activityId.equals(rung.activityId())
              && StepKeys.of(jdbc, run, activityId).equals(rung.key());
      if (!here) {
        return;
      }
      if (failure != null && left.compareAndSet(false, true) && !failure.beforeStart()) {
        failure.cause().accept(world, run);
      }
      if (atStep && left.compareAndSet(false, true)) {
        hold.stay();
      }
    };
  }

  /** Whether the rung's way is taken at that task, instead of answering it. */
  private boolean atTask(Rung rung, String run, OpenTask task, AtomicBoolean left) {
    if (rung.way() == Way.LATE) {
      // Nobody answers in a phase whose deadline must pass.
      return isIn(rung.model(), task);
    }
    if (!task.activityId().equals(rung.activityId())) {
      return false;
    }
    return switch (rung.way()) {
      case EXPIRED -> true;
      case ABORTED -> {
        control.abort(run, "the matrix has seen enough", "operator");
        left.set(true);
        yield true;
      }
      case REFUSED -> {
        control.complete(task.id(), Answers.refusing(forms.of(task.id())), who(task));
        left.set(true);
        yield true;
      }
      default -> false;
    };
  }

  private boolean isIn(String phase, OpenTask task) {
    return phase.equals(
        runtime
            .createProcessInstanceQuery()
            .processInstanceId(task.instanceId())
            .singleResult()
            .getProcessDefinitionId()
            .split(":")[0]);
  }

  /** What happens while no task is open. */
  private void between(Rung rung, String run, Hold hold, AtomicBoolean left) {
    if (rung.way() == Way.ABORTED && hold.holds()) {
      abortOnce(run);
    } else if (rung.way() == Way.ABORTED && rung.what() == null && isAtTimer(run, rung)) {
      control.abort(run, "the matrix has seen enough", "operator");
      left.set(true);
    }
    if (hold.holds() && isInterrupted(run)) {
      hold.release();
    }
  }

  private void abortOnce(String run) {
    if (!isInterrupted(run)) {
      control.abort(run, "the matrix has seen enough", "operator");
    }
  }

  private boolean isAtTimer(String run, Rung rung) {
    return activities.activities(run).stream()
        .anyMatch(
            activity ->
                activity.activityId().equals(rung.activityId())
                    && activity.type().equals("intermediateTimer")
                    && activity.end() == null);
  }

  private boolean isInterrupted(String run) {
    return activities.activities(run).stream()
        .anyMatch(activity -> activity.activityId().startsWith("Task_AwaitStopped_"));
  }

  /** Does what people do until the run has ended. */
  private RunStatus attend(
      String run, boolean repair, Predicate<OpenTask> taken, Runnable between) {
    AtomicBoolean repaired = new AtomicBoolean(!repair);
    await(run)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(150))
        .until(
            () -> {
              RunView view = runs.summary(run).orElseThrow();
              if (view.hasEnded()) {
                return true;
              }
              RunStatus status = view.status();
              boolean back =
                  status == RunStatus.ROLLING_BACK || status == RunStatus.ROLLBACK_INCOMPLETE;
              if (back && repaired.compareAndSet(false, true)) {
                world.repair(); // what is broken outside must be mended before it can be as it was
              }
              try {
                step(run, status, taken, between);
              } catch (RunControl.NotPossible gone) {
                // The run moved on at this moment.
              }
              return false;
            });
    return runs.status(run).orElseThrow();
  }

  private void step(String run, RunStatus status, Predicate<OpenTask> taken, Runnable between) {
    boolean back = status == RunStatus.ROLLING_BACK || status == RunStatus.ROLLBACK_INCOMPLETE;
    if (status == RunStatus.INCIDENT) {
      control.abort(run, "it cannot go on", "operator");
      return;
    }
    if (!activities.incidents(run).isEmpty()) {
      control.retry(run, "operator");
      return;
    }
    for (OpenTask task : activities.tasks(run)) {
      if (back || !taken.test(task)) {
        control.complete(task.id(), Answers.agreeing(forms.of(task.id())), who(task));
      }
    }
    between.run();
  }

  private static String who(OpenTask task) {
    return task.groups().contains("approver") ? "approver" : "operator";
  }

  private void deleteWhatStillRuns() {
    runs.list(10, 0).stream()
        .filter(view -> !view.hasEnded())
        .forEach(view -> runtime.deleteProcessInstance(view.id(), "left behind by the matrix"));
  }
}
