package io.belay.process;

import io.belay.process.lint.ModelRefused;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says which models kept Belay from starting, without a stack trace. */
class RefusedModels extends AbstractFailureAnalyzer<ModelRefused> {

  @Override
  protected FailureAnalysis analyze(Throwable failure, ModelRefused refused) {
    return new FailureAnalysis(
        refused.getMessage(),
        "Correct the models in the directory that belay.processes names, or leave it out to use the"
            + " delivered ones.",
        refused);
  }
}
