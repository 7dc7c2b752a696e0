package io.belay.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaIn;

/**
 * What is known of a process' variables before a run: the parameters for the runbook, and for a
 * phase what its call passes. An absent variable is known only in the run.
 *
 * @param values by name
 * @param loops values that a variable takes one after the other, by name
 */
record CallScope(Map<String, Object> values, Map<String, List<Object>> loops) {

  /** A variable, or the inputs of the decision table whose id a variable holds. */
  private static final Pattern VARIABLE =
      Pattern.compile("\\$\\{\\s*([A-Za-z][A-Za-z0-9_]*(?:\\.inputs)?)\\s*}");

  static CallScope of(Map<String, Object> parameters) {
    return new CallScope(parameters, Map.of());
  }

  CallScope with(Map<String, List<Object>> loops) {
    return new CallScope(values, loops);
  }

  /** The scopes of an element that reads those texts: one for each turn of the loops. */
  List<CallScope> turns(Iterable<String> texts) {
    List<CallScope> turns = List.of(this);
    for (Map.Entry<String, List<Object>> loop : loops.entrySet()) {
      if (reads(texts, loop.getKey())) {
        turns =
            turns.stream()
                .flatMap(turn -> loop.getValue().stream().map(v -> turn.with(loop.getKey(), v)))
                .toList();
      }
    }
    return turns;
  }

  private CallScope with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(values);
    more.put(name, value);
    return new CallScope(more, loops);
  }

  private static boolean reads(Iterable<String> texts, String name) {
    for (String text : texts) {
      Matcher variable = VARIABLE.matcher(text);
      while (variable.find()) {
        if (variable.group(1).equals(name)) {
          return true;
        }
      }
    }
    return false;
  }

  /** The value of a text with {@code ${variables}}; null when one of them is not known. */
  Object value(String text) {
    Matcher variable = VARIABLE.matcher(text);
    if (variable.matches()) {
      return values.get(variable.group(1));
    }
    StringBuilder value = new StringBuilder();
    variable.reset();
    while (variable.find()) {
      Object part = values.get(variable.group(1));
      if (part == null) {
        return null;
      }
      variable.appendReplacement(value, Matcher.quoteReplacement(part.toString()));
    }
    return variable.appendTail(value).toString();
  }

  /**
   * The scope of the process that a call starts.
   *
   * @param declared its inputs; empty for one that takes what the call names, or all
   * @param problems receives what is wrong with known values
   */
  CallScope called(CallActivity call, Optional<PhaseInputs> declared, List<String> problems) {
    Map<String, Object> passed = new LinkedHashMap<>();
    List<String> later = new ArrayList<>();
    for (CamundaIn in : passed(call)) {
      if ("all".equals(in.getCamundaVariables())) {
        passed.putAll(values);
      } else if (in.getCamundaTarget() != null) {
        Object value =
            in.getCamundaSource() != null
                ? values.get(in.getCamundaSource())
                : value(String.valueOf(in.getCamundaSourceExpression()));
        passed.remove(in.getCamundaTarget());
        if (value == null) {
          later.add(in.getCamundaTarget());
        } else {
          passed.put(in.getCamundaTarget(), value);
        }
      }
    }
    if (declared.isEmpty()) {
      return of(passed);
    }
    Map<String, Object> known = new LinkedHashMap<>();
    for (Parameter input : declared.get().all()) {
      if (!later.contains(input.name())) {
        try {
          known.put(input.name(), PhaseInputs.value(input, passed.get(input.name())));
        } catch (IllegalArgumentException | ArithmeticException e) {
          problems.add("input '%s' %s".formatted(input.name(), e.getMessage()));
        }
      }
    }
    declared.get().contradiction(known).ifPresent(problems::add);
    return of(known);
  }

  static List<CamundaIn> passed(CallActivity call) {
    return call.getExtensionElements() == null
        ? List.of()
        : call.getExtensionElements().getElementsQuery().filterByType(CamundaIn.class).list();
  }
}
