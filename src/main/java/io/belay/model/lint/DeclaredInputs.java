package io.belay.model.lint;

import io.belay.model.Parameter;
import io.belay.model.PhaseInputs;
import io.belay.step.ReservedNames;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.UserTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaConstraint;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaFormData;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaFormField;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaOut;

/** A phase declares each input once, with a type, and never writes it. */
final class DeclaredInputs implements Rule {

  private static final Pattern NAME = Pattern.compile("[a-z][A-Za-z0-9]*");

  private static final Set<String> CONSTRAINTS =
      Set.of("required", "min", "max", "minlength", "maxlength");

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile file : set.processes()) {
      file.all(FlowNode.class).stream()
          .filter(node -> !Parameters.extensions(node, CamundaFormData.class).isEmpty())
          .filter(node -> !mayDeclare(file, node))
          .forEach(
              node ->
                  out.accept(
                      file.finding(
                          node,
                          "form fields declare the inputs of a phase, on its start event; a person"
                              + " answers a form, set formRef")));
      PhaseInputs.fields(file.model())
          .filter(fields -> !file.isRunbook())
          .ifPresent(fields -> check(set, file, fields, out));
    }
  }

  private static boolean mayDeclare(ProcessFile file, FlowNode node) {
    return !file.isRunbook()
        && node instanceof StartEvent start
        && start.getEventDefinitions().isEmpty()
        && start.getParentElement().equals(file.process());
  }

  private static void check(
      ModelSet set, ProcessFile file, Collection<CamundaFormField> fields, Consumer<Finding> out) {
    Set<String> seen = new HashSet<>();
    for (CamundaFormField field : fields) {
      String name = String.valueOf(field.getCamundaId());
      Consumer<String> refuse =
          rule ->
              out.accept(
                  new Finding(
                      file.file(), file.process().getId(), "input '%s' %s".formatted(name, rule)));
      if (!NAME.matcher(name).matches()) {
        refuse.accept("is no name for a variable; write it like 'keepBaseline'");
      } else if (ReservedNames.ALL.contains(name) || set.steps().names().contains(name)) {
        refuse.accept("has a name that Belay uses itself; choose another one");
      } else if (!seen.add(name)) {
        refuse.accept("is declared twice; keep one");
      }
      checkRules(set, field, refuse);
      file.all(FlowNode.class).stream()
          .filter(node -> writes(set, node, name))
          .forEach(
              node ->
                  out.accept(
                      file.finding(
                          node,
                          "writes '%s', an input of the phase; inputs are written once, at its start"
                              .formatted(name))));
    }
  }

  private static void checkRules(ModelSet set, CamundaFormField field, Consumer<String> refuse) {
    if (field.getCamundaLabel() == null || field.getCamundaLabel().isBlank()) {
      refuse.accept("has no label; say what it is");
    }
    Stream.ofNullable(field.getCamundaValidation())
        .flatMap(validation -> validation.getCamundaConstraints().stream())
        .map(CamundaConstraint::getCamundaName)
        .filter(name -> !CONSTRAINTS.contains(name))
        .forEach(name -> refuse.accept("has the unknown constraint '%s'".formatted(name)));
    try {
      Parameter input = PhaseInputs.input(field);
      if (input.pattern() != null) {
        Pattern.compile(input.pattern());
      }
      if (input.isProof()) {
        refuse.accept("is a proof, which only the form of a user task asks for");
      }
      if (input.type() == Parameter.Type.CHOICE && input.choices().isEmpty()) {
        refuse.accept("is a choice, but has no values");
      }
      if (input.defaultValue() != null) {
        PassedInputs.problem(set, input, input.defaultValue().toString())
            .ifPresent(rule -> refuse.accept("has a default that " + rule));
      }
    } catch (PatternSyntaxException e) {
      refuse.accept("has a pattern that cannot be read: " + e.getDescription());
    } catch (IllegalArgumentException e) {
      refuse.accept("is not valid: " + e.getMessage());
    }
  }

  private static boolean writes(ModelSet set, FlowNode node, String name) {
    boolean output = Parameters.outputs(node).containsKey(name);
    boolean form =
        node instanceof UserTask task
            && Parameters.outputs(node).isEmpty()
            && set.forms().stream()
                .filter(known -> known.name().equals(task.getCamundaFormRef()))
                .anyMatch(known -> known.json().findValuesAsText("key").contains(name));
    boolean returned =
        node instanceof CallActivity
            && Parameters.extensions(node, CamundaOut.class).stream()
                .map(CamundaOut::getCamundaTarget)
                .anyMatch(List.of(name)::contains);
    return output || form || returned; // NumberGates knows the results that a call names
  }
}
