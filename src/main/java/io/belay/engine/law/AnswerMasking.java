package io.belay.engine.law;

import io.belay.journal.RunRecords;
import io.belay.target.Environments;
import io.belay.target.Masking;
import org.camunda.bpm.engine.impl.persistence.entity.VariableInstanceEntity;
import org.camunda.bpm.engine.variable.Variables;
import org.springframework.stereotype.Component;

/**
 * Masks the secrets of the run's environment in what a person writes, before a variable, the
 * engine's history or the journal keeps it: pasted output may contain a password.
 */
@Component
class AnswerMasking {

  private final RunRecords runs;
  private final Environments environments;

  AnswerMasking(RunRecords runs, Environments environments) {
    this.runs = runs;
    this.environments = environments;
  }

  /**
   * Replaces a text that contains a secret; leaves every other value as it is.
   *
   * @throws io.belay.target.InvalidEnvironment when the secrets cannot be known; the answer is then
   *     refused
   */
  void mask(VariableInstanceEntity variable) {
    if (!(variable.getValue() instanceof String text)) {
      return;
    }
    String environment =
        runs.find(variable.getExecution().getRootProcessInstanceId()).orElseThrow().environment();
    String masked = Masking.of(environments.load(environment)).mask(text);
    if (!masked.equals(text)) {
      variable.setValue(Variables.stringValue(masked));
    }
  }
}
