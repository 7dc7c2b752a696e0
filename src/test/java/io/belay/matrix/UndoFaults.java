package io.belay.matrix;

import static org.awaitility.Awaitility.await;

import io.belay.engine.control.RunActivities;
import io.belay.engine.control.RunActivities.OpenTask;
import io.belay.engine.control.RunControl;
import io.belay.engine.control.TaskForms;
import io.belay.matrix.RunbookModel.Step;
import io.belay.playground.World;
import io.belay.playground.WorldFingerprint;
import io.belay.run.RunStatus;
import io.belay.run.Runs;
import io.belay.step.StepObserver;
import io.belay.step.StepObserver.Moment;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Every undo of a way back fails: once, so that it is tried again by itself; and always, until a
 * person retries it. Either way the world must be as before, in the same order of undos, and no
 * undo that was finished runs again.
 */
final class UndoFaults {

  /** How undos fail. */
  enum Kind {
    ONCE("fails once"),
    ONCE_AFTER_ITS_EFFECT("fails once after its effect"),
    UNTIL_RETRIED("fails until a person retries it");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final World world;
  private final RunbookModel model;
  private final RungMatrix.Watcher watcher;
  private final Consumer<String> progress;
  private final RunControl control;
  private final Runs runs;
  private final RunActivities activities;
  private final TaskForms forms;
  private final JdbcTemplate jdbc;
  private final Set<String> undos;
  private final BelayInside inside;

  UndoFaults(World world, RunbookModel model, BelayInside inside, Consumer<String> progress) {
    this.world = world;
    this.model = model;
    this.inside = inside;
    this.watcher = inside.watcher();
    this.progress = progress;
    ApplicationContext belay = inside.context();
    this.control = belay.getBean(RunControl.class);
    this.runs = belay.getBean(Runs.class);
    this.activities = belay.getBean(RunActivities.class);
    this.forms = belay.getBean(TaskForms.class);
    this.jdbc = belay.getBean(JdbcTemplate.class);
    this.undos =
        model.steps().stream().filter(Step::undo).map(Step::key).collect(Collectors.toSet());
  }

  /** Where there are undos; those of a way that fails early may be none. */
  static List<Scenario> waysBack(RunbookModel model) {
    if (model.steps().stream().noneMatch(Step::undo)) {
      return List.of();
    }
    return new Scenarios(model)
        .all().stream().filter(way -> way.expectedStatus().equals("ROLLED_BACK")).toList();
  }

  FailedUndos run(Scenario scenario, Kind kind) {
    long began = System.nanoTime();
    watcher.clear();
    world.reset();
    inside.before(scenario, world);
    if (scenario.fault() != null) {
      world.fault(scenario.fault());
    }
    WorldFingerprint before = world.fingerprint();
    Breaker breaker = new Breaker(kind, scenario);
    watcher.everywhere(breaker);
    List<String> problems = new ArrayList<>();
    try {
      String run = control.start(model.id(), null, scenario.parameters(), "operator");
      await(kind.label()).atMost(PATIENCE).until(() -> step(run, scenario, kind, breaker));
      problems.addAll(breaker.problems());
      if (scenario.fault() == null) {
        world.repair(); // what was wrong from the beginning stays so
      }
      if (runs.status(run).orElseThrow() != RunStatus.ROLLED_BACK) {
        problems.add("it ended " + runs.find(run));
      }
      world.fingerprint().differencesFrom(before).forEach(d -> problems.add("world: " + d));
    } catch (RuntimeException stuck) {
      problems.add(String.valueOf(stuck.getMessage()));
    } finally {
      watcher.clear();
    }
    FailedUndos result =
        new FailedUndos(
            LocalDate.now(),
            scenario,
            kind,
            List.copyOf(breaker.failed),
            problems,
            (System.nanoTime() - began) / 1e9);
    progress.accept(
        "%s, %s, each undo %s: %d undos, %s in %.0f s%n"
            .formatted(
                model.id(),
                scenario.name(),
                kind.label(),
                result.undos().size(),
                problems.isEmpty() ? "as before" : problems,
                result.seconds()));
    return result;
  }

  private boolean step(String run, Scenario scenario, Kind kind, Breaker breaker) {
    if (runs.summary(run).orElseThrow().hasEnded()) {
      return true;
    }
    try {
      if (!activities.incidents(run).isEmpty()) {
        if (kind != Kind.UNTIL_RETRIED) {
          throw new IllegalStateException("an undo that failed once became an incident");
        }
        breaker.heal();
        control.retry(run, "operator");
        return false;
      }
      if (breaker.hold.holds()) {
        control.abort(run, "the matrix has seen enough", "operator");
        breaker.hold.release();
      }
      for (OpenTask task : activities.tasks(run)) {
        if (task.activityId().equals(scenario.abortAt())) {
          if (scenario.cacheIsRestored()) {
            world.writeToCache();
          }
          control.abort(run, "the matrix has seen enough", "operator");
        } else {
          String who = task.groups().contains("approver") ? "approver" : "operator";
          control.complete(task.id(), Answers.agreeing(forms.of(task.id())), who);
        }
      }
    } catch (RunControl.NotPossible gone) {
      // The run moved on at this moment.
    }
    return false;
  }

  /** Makes undos fail, and sees which took effect. */
  private final class Breaker implements StepObserver {

    private final Kind kind;
    private final Scenario scenario;
    private final Hold hold = new Hold();
    private final Set<String> failed = java.util.Collections.synchronizedSet(new LinkedHashSet<>());
    private final Set<String> healed = ConcurrentHashMap.newKeySet();
    private final List<String> finished = new CopyOnWriteArrayList<>();

    Breaker(Kind kind, Scenario scenario) {
      this.kind = kind;
      this.scenario = scenario;
    }

    @Override
    public void reached(Moment moment, String runId, String activityId, String step) {
      if (moment == Moment.AFTER_EFFECT && activityId.equals(scenario.abortAt())) {
        hold.stay();
      }
      String key = StepKeys.of(jdbc, runId, activityId);
      if (!undos.contains(key)) {
        return;
      }
      if (moment == Moment.AFTER_RESULT) {
        finished.add(key);
      }
      boolean now =
          switch (kind) {
            case ONCE -> moment == Moment.AFTER_INTENT && failed.add(key);
            case ONCE_AFTER_ITS_EFFECT -> moment == Moment.AFTER_EFFECT && failed.add(key);
            case UNTIL_RETRIED ->
                moment == Moment.AFTER_INTENT
                    && !healed.contains(key)
                    && (failed.add(key) || failed.contains(key));
          };
      if (now) {
        throw new IllegalStateException("made to fail");
      }
    }

    void heal() {
      healed.addAll(failed);
    }

    /** Each undo that failed was finished once, and in the order in which they came. */
    List<String> problems() {
      List<String> problems = new ArrayList<>();
      if (failed.isEmpty() && scenario.abortAt() != null) {
        problems.add("no undo failed");
      }
      if (!finished.equals(List.copyOf(failed))) {
        problems.add("finished were %s, failed were %s".formatted(finished, failed));
      }
      return problems;
    }
  }
}
