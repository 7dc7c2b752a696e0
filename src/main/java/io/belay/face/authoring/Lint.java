package io.belay.face.authoring;

import io.belay.model.DeliveredModels;
import io.belay.model.lint.BoundInputs;
import io.belay.model.lint.CompleteSet;
import io.belay.model.lint.Finding;
import io.belay.model.lint.ModelLint;
import io.belay.step.StepTypes;
import io.belay.target.ProtectedTargets;
import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Lints a directory as a deployment would, with the steps, parts and rules of this Belay. */
final class Lint {

  private Lint() {}

  /**
   * Prints one finding per line.
   *
   * @return 0 if there is none, else 1
   */
  static int of(PrintStream out, Path directory) {
    Map<String, byte[]> own = DeliveredModels.in(directory);
    if (own.isEmpty()) {
      throw new Authoring.Wrong(
          "lint: %s has no model; models are *.bpmn, *.dmn and *.form".formatted(directory));
    }
    Map<String, byte[]> set = CompleteSet.of(own, new DeliveredModels("").parts());
    try (ValidatorFactory validators = Validation.buildDefaultValidatorFactory()) {
      List<Finding> findings =
          new ModelLint(
                  StepTypes.idle(),
                  new BoundInputs(validators.getValidator()),
                  () -> ProtectedTargets.in(directory.resolve("environments")))
              .check(set);
      findings.forEach(out::println);
      out.println(
          findings.isEmpty()
              ? "%s: %d own models and %d shared parts, nothing found"
                  .formatted(directory, own.size(), set.size() - own.size())
              : "%s: findings: %d".formatted(directory, findings.size()));
      return findings.isEmpty() ? 0 : 1;
    }
  }
}
