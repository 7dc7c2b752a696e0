package io.belay.step;

import org.camunda.bpm.engine.delegate.DelegateExecution;

/** Runs a delegate under the step contract. */
public interface StepExecutor {

  void executeInJob(StepDelegate<?, ?> delegate, DelegateExecution execution) throws Exception;
}
