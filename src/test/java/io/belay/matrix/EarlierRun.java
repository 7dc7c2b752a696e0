package io.belay.matrix;

import io.belay.matrix.RunbookModel.Step;
import io.belay.playground.World;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * A run that another needs to have been before, because one of its steps takes what a step of that
 * one leaves.
 */
record EarlierRun(String runbook, Map<String, Object> parameters) {

  /** Steps that need another run's work, and the step that does it. */
  private static final Map<String, String> LEFT_BY =
      Map.of("restoreDocumentSnapshot", "takeDocumentSnapshot");

  /** The shortest runbook that leaves what {@code model} needs; empty when it needs nothing. */
  static Optional<EarlierRun> of(RunbookModel model) {
    return model.steps().stream()
        .map(step -> LEFT_BY.get(step.step()))
        .filter(wanted -> wanted != null)
        .findFirst()
        .flatMap(
            wanted ->
                RunbookModel.all().stream()
                    .filter(id -> !id.equals(model.id()))
                    .map(RunbookModel::of)
                    .filter(
                        other -> other.steps().stream().map(Step::step).anyMatch(wanted::equals))
                    .min(Comparator.comparing(other -> other.steps().size())))
        .map(other -> new EarlierRun(other.id(), new Scenarios(other).parameters(0)));
  }

  /** What happens to the world between the two runs, so that the second has something to do. */
  static void passTime(World world) {
    world.writeToDocuments();
  }
}
