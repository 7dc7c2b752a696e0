package io.belay.model.lint;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.model.Parameter;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.camunda.bpm.model.bpmn.instance.BusinessRuleTask;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.TimerEventDefinition;
import org.camunda.bpm.model.bpmn.instance.UserTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaIn;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaOut;

/**
 * Every variable that a model reads is given: by the runbook's start form, by the call of the
 * phase, by an output of a task, or by the form of a user task. A phase that declares its inputs is
 * checked by itself where nobody calls it. So the start form, the forms of tasks, the decision
 * tables and the models agree in names.
 */
final class GivenVariables implements Rule {

  private static final Pattern VARIABLE = Pattern.compile("[$#]\\{\\s*!?([A-Za-z][A-Za-z0-9_]*)");

  private static final Set<String> BY_THE_ENGINE = Set.of("environment", "starter", "reason");

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    Set<String> reached = new HashSet<>();
    for (ProcessFile runbook : set.runbooks()) {
      Set<String> given = new HashSet<>(BY_THE_ENGINE);
      for (StartEvent start : runbook.all(StartEvent.class)) {
        given.addAll(fields(set, start.getCamundaFormRef()));
      }
      reached.addAll(check(set, runbook, given, Map.of(), out, new HashSet<>(), true));
    }
    for (ProcessFile phase : set.phases()) {
      if (phase.inputs().isPresent() && !reached.contains(phase.file())) {
        check(set, phase, declared(phase), Literals.defaults(phase), out, new HashSet<>(), false);
      }
    }
  }

  /** Returns the files of the process and of all that it calls. */
  private static Set<String> check(
      ModelSet set,
      ProcessFile file,
      Set<String> given,
      Map<String, String> literals,
      Consumer<Finding> out,
      Set<String> callers,
      boolean inARun) {
    Set<String> reached = new HashSet<>(Set.of(file.file()));
    if (!callers.add(file.file())) {
      return reached; // References refuses a process that calls itself
    }
    Set<String> known = new HashSet<>(given);
    known.addAll(made(set, file));
    new NumberGates(set, file, literals, out).check(Set.copyOf(known), inARun);
    AskedFigures.check(set, file, literals, out);
    set.steps().namedResults(file.all(FlowNode.class), literals).ifPresent(known::addAll);
    for (FlowNode node : file.all(FlowNode.class)) {
      Set<String> missing = new TreeSet<>(read(file, node));
      missing.removeAll(known);
      if (!missing.isEmpty()) {
        out.accept(
            file.finding(
                node,
                "reads %s, which is not set anywhere: no start form, call, output or task form has it"
                    .formatted(missing)));
      }
    }
    for (CallActivity call : file.all(CallActivity.class)) {
      set.called(call)
          .ifPresent(
              called ->
                  reached.addAll(
                      check(
                          set,
                          called,
                          given(called, call, known),
                          Literals.passed(called, call, literals),
                          out,
                          new HashSet<>(callers),
                          inARun)));
    }
    return reached;
  }

  /** {@link PassedInputs} compares the declared inputs with those that the call passes. */
  private static Set<String> given(ProcessFile called, CallActivity call, Set<String> known) {
    return called.inputs().isEmpty() ? passed(call, known) : declared(called);
  }

  private static Set<String> declared(ProcessFile phase) {
    Set<String> given = new HashSet<>(BY_THE_ENGINE);
    phase.inputs().stream()
        .flatMap(inputs -> inputs.all().stream())
        .map(Parameter::name)
        .forEach(given::add);
    return given;
  }

  private static Set<String> passed(CallActivity call, Set<String> known) {
    Set<String> passed = new HashSet<>(BY_THE_ENGINE);
    for (CamundaIn in : Parameters.extensions(call, CamundaIn.class)) {
      if ("all".equals(in.getCamundaVariables())) {
        passed.addAll(known);
      } else if (in.getCamundaTarget() != null) {
        passed.add(in.getCamundaTarget());
      }
    }
    return passed;
  }

  /** What the tasks of the process leave behind. */
  private static Set<String> made(ModelSet set, ProcessFile file) {
    Set<String> made = new HashSet<>();
    for (FlowNode node : file.all(FlowNode.class)) {
      made.addAll(Parameters.outputs(node).keySet());
      if (node instanceof UserTask task && Parameters.outputs(node).isEmpty()) {
        made.addAll(fields(set, task.getCamundaFormRef()));
      }
      if (node instanceof CallActivity call) {
        Parameters.extensions(call, CamundaOut.class).stream()
            .map(CamundaOut::getCamundaTarget)
            .filter(target -> target != null)
            .forEach(made::add);
      }
    }
    return made;
  }

  private static Set<String> read(ProcessFile file, FlowNode node) {
    Set<String> read = new HashSet<>();
    Parameters.inputs(node).values().forEach(text -> add(text, read));
    for (SequenceFlow flow : file.flow().outgoing(node)) {
      if (flow.getConditionExpression() != null) {
        add(flow.getConditionExpression().getTextContent(), read);
      }
    }
    if (node instanceof org.camunda.bpm.model.bpmn.instance.CatchEvent event) {
      event.getEventDefinitions().stream()
          .filter(TimerEventDefinition.class::isInstance)
          .forEach(timer -> add(timer.getTextContent(), read));
    }
    if (node instanceof UserTask task && task.getCamundaDueDate() != null) {
      add(task.getCamundaDueDate(), read);
    }
    if (node instanceof CallActivity call) {
      Parameters.extensions(call, CamundaIn.class).stream()
          .forEach(
              in -> {
                if (in.getCamundaSource() != null) {
                  read.add(in.getCamundaSource());
                } else if (in.getCamundaSourceExpression() != null) {
                  add(in.getCamundaSourceExpression(), read);
                }
              });
    }
    if (node instanceof BusinessRuleTask task) {
      add(String.valueOf(task.getCamundaDecisionRef()), read);
    }
    return read;
  }

  private static void add(String text, Set<String> read) {
    Matcher variable = VARIABLE.matcher(text);
    while (variable.find()) {
      read.add(variable.group(1));
    }
  }

  static Set<String> fields(ModelSet set, String form) {
    Set<String> fields = new HashSet<>();
    set.forms().stream()
        .filter(known -> known.name().equals(form))
        .forEach(known -> collect(known.json().path("components"), fields));
    return fields;
  }

  private static void collect(JsonNode components, Set<String> fields) {
    for (JsonNode component : components) {
      if (component.hasNonNull("key")) {
        fields.add(component.path("key").asText());
      }
      collect(component.path("components"), fields);
    }
  }
}
