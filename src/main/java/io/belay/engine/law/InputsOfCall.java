package io.belay.engine.law;

import io.belay.model.PhaseInputs;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.camunda.bpm.engine.delegate.VariableScope;
import org.camunda.bpm.engine.impl.bpmn.behavior.CallActivityBehavior;
import org.camunda.bpm.engine.impl.core.model.CallableElement;
import org.camunda.bpm.engine.impl.core.model.CallableElementParameter;
import org.camunda.bpm.engine.impl.pvm.process.ActivityImpl;
import org.camunda.bpm.engine.impl.util.CallableElementUtil;
import org.camunda.bpm.engine.variable.VariableMap;

/**
 * Applies the declared inputs of a phase to what a call passes: checks and converts each value, and
 * adds the defaults. It is the last of the call's inputs, because the phase's deadline is set
 * before any listener of its start.
 */
public final class InputsOfCall extends CallableElementParameter {

  private final CallableElement call;
  private final Function<String, Optional<PhaseInputs>> declared;

  private InputsOfCall(CallableElement call, Function<String, Optional<PhaseInputs>> declared) {
    this.call = call;
    this.declared = declared;
  }

  /**
   * @param declared the inputs of a process, by the id of its definition; empty when it takes all
   */
  public static void add(ActivityImpl activity, Function<String, Optional<PhaseInputs>> declared) {
    CallableElement call =
        ((CallActivityBehavior) activity.getActivityBehavior()).getCallableElement();
    call.addInput(new InputsOfCall(call, declared));
  }

  /**
   * @throws IllegalArgumentException naming the phase and every input whose rule is broken
   */
  @Override
  public void applyTo(VariableScope caller, VariableMap passed) {
    var phase = CallableElementUtil.getProcessDefinitionToCall(caller, null, call);
    declared
        .apply(phase.getId())
        .ifPresent(
            inputs -> {
              try {
                Map<String, Object> values = inputs.values(passed);
                passed.clear();
                passed.putAll(values);
              } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                    "phase '%s' does not start: %s".formatted(phase.getName(), e.getMessage()), e);
              }
            });
  }
}
