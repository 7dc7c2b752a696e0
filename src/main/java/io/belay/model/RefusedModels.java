package io.belay.model;

import io.belay.model.lint.ModelRefused;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Reports which models kept Belay from starting, without a stack trace. */
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
