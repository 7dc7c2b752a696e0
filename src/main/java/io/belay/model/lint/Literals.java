package io.belay.model.lint;

import io.belay.model.Parameter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaIn;

/** Values of variables that the models themselves give. */
final class Literals {

  private Literals() {}

  /** Those that a call passes to inputs, and the defaults of the others. */
  static Map<String, String> passed(
      ProcessFile called, CallActivity call, Map<String, String> ofCaller) {
    Map<String, String> literals = new HashMap<>(defaults(called));
    for (CamundaIn in : Parameters.extensions(call, CamundaIn.class)) {
      if (in.getCamundaTarget() != null) {
        literals.remove(in.getCamundaTarget());
        DerivedFields.source(in)
            .map(ofCaller::get)
            .or(() -> Optional.ofNullable(in.getCamundaSourceExpression()))
            .filter(PlainExpressions::isLiteral)
            .ifPresent(text -> literals.put(in.getCamundaTarget(), text));
      }
    }
    return literals;
  }

  /** The same, with a blank for each declared input that the call leaves out. */
  static Map<String, String> complete(
      ProcessFile called, CallActivity call, Map<String, String> ofCaller) {
    Map<String, String> literals = passed(called, call, ofCaller);
    Set<String> given =
        Parameters.extensions(call, CamundaIn.class).stream()
            .map(in -> String.valueOf(in.getCamundaTarget()))
            .collect(Collectors.toSet());
    called.inputs().stream()
        .flatMap(inputs -> inputs.all().stream())
        .map(Parameter::name)
        .filter(name -> !given.contains(name))
        .forEach(name -> literals.putIfAbsent(name, ""));
    return literals;
  }

  static Map<String, String> defaults(ProcessFile called) {
    Map<String, String> defaults = new HashMap<>();
    called.inputs().stream()
        .flatMap(inputs -> inputs.all().stream())
        .filter(input -> input.defaultValue() != null)
        .forEach(input -> defaults.put(input.name(), input.defaultValue().toString()));
    return defaults;
  }
}
