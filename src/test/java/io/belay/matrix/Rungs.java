package io.belay.matrix;

import io.belay.matrix.RunbookModel.Pause;
import io.belay.matrix.RunbookModel.Step;
import io.belay.matrix.RunbookModel.Wait;
import io.belay.matrix.Rung.Way;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** All places at which a runbook can be left, from its models. */
final class Rungs {

  private final RunbookModel model;
  private final Predicate<String> canFail;
  private final Map<Scenario, Set<String>> reached;
  private final List<Rung> rungs = new ArrayList<>();

  /**
   * @param canFail whether something is known that makes that step find a bad world
   * @param reached activities ({@code <process>/<id>}) that each scenario reaches
   */
  Rungs(RunbookModel model, Predicate<String> canFail, Map<Scenario, Set<String>> reached) {
    this.model = model;
    this.canFail = canFail;
    this.reached = reached;
  }

  List<Rung> all() {
    List<Step> steps = model.steps().stream().filter(s -> !s.undo() && !s.handler()).toList();
    for (Step step : steps) {
      if (canFail.test(step.step())) {
        add(Way.GATE_FAILS, step.model(), step.activityId(), step.step());
      }
    }
    model.waits().stream().filter(w -> !w.undo() && w.abortable()).forEach(this::addAllOf);
    for (Pause pause : model.pauses()) {
      add(Way.ABORTED, pause.model(), pause.activityId(), null);
    }
    for (Step step : steps) {
      if (step.external() && model.canBeAborted(step.model())) {
        add(Way.ABORTED, step.model(), step.activityId(), step.step());
      }
    }
    model.deadlines().forEach((phase, parameter) -> add(Way.LATE, phase, null, parameter));
    return rungs;
  }

  private void addAllOf(Wait wait) {
    if (Scenarios.offersChoice(wait.form())) {
      add(Way.REFUSED, wait.model(), wait.activityId(), null);
    }
    if (wait.expiry() != null) {
      add(Way.EXPIRED, wait.model(), wait.activityId(), wait.expiry());
    }
    add(Way.ABORTED, wait.model(), wait.activityId(), null);
  }

  private void add(Way way, String of, String activityId, String what) {
    for (Map.Entry<Scenario, Set<String>> scenario : reached.entrySet()) {
      boolean there =
          activityId == null
              ? scenario.getValue().stream().anyMatch(key -> key.startsWith(of + "/"))
              : scenario.getValue().contains(of + "/" + activityId);
      if (there) {
        rungs.add(new Rung(way, of, activityId, scenario.getKey(), what));
        return;
      }
    }
  }
}
