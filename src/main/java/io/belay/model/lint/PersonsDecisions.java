package io.belay.model.lint;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.model.Approval;
import io.belay.step.StepPlan.Effect;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.EndEvent;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.UserTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaOut;

/**
 * An approval decides something: approvers are asked, by a form with a decision, and a gateway asks
 * that decision before the phase passes or changes something. Only a decision that grants leads on,
 * unless the phase hands the decision to its caller.
 */
final class PersonsDecisions implements Rule {

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile file : set.processes()) {
      for (UserTask task : file.all(UserTask.class)) {
        Optional<JsonNode> field = decision(set, task);
        if (field.isPresent() || UserTasks.isForApprovers(task)) {
          check(set, file, task, field, rule -> out.accept(file.finding(task, rule)));
        }
      }
    }
  }

  /** The field of the task's form that asks for the decision. */
  static Optional<JsonNode> decision(ModelSet set, UserTask task) {
    return UserTasks.fields(set, task).stream()
        .filter(field -> field.path("key").asText().equals(Approval.DECISION))
        .findFirst();
  }

  private static void check(
      ModelSet set,
      ProcessFile file,
      UserTask task,
      Optional<JsonNode> field,
      Consumer<String> refuse) {
    if (!task.getCamundaCandidateGroupsList().equals(List.of(Approval.APPROVERS))) {
      refuse.accept(
          "its form asks for a decision, so only approvers answer it; make candidateGroups '%s'"
              .formatted(Approval.APPROVERS));
    }
    if (field.isEmpty()) {
      refuse.accept(
          "is offered to approvers, but form '%s' has no field '%s'; an answer would approve nothing"
              .formatted(task.getCamundaFormRef(), Approval.DECISION));
      return;
    }
    Map<String, String> outputs = Parameters.outputs(task);
    String kept = "${%s}".formatted(Approval.DECISION);
    List<String> variables =
        outputs.isEmpty()
            ? List.of(Approval.DECISION)
            : outputs.entrySet().stream()
                .filter(output -> output.getValue().equals(kept))
                .map(Map.Entry::getKey)
                .toList();
    if (variables.size() != 1) {
      refuse.accept(
          "its decision must be kept in one variable; add one output parameter with the value "
              + kept);
      return;
    }
    String variable = variables.get(0);
    checkAsked(set, file, task, variable, refuse);
    checkAnswers(set, file, variable, options(field.get()), refuse);
  }

  private static List<String> options(JsonNode field) {
    return field.path("values").findValuesAsText("value");
  }

  private static void checkAsked(
      ModelSet set, ProcessFile file, UserTask task, String variable, Consumer<String> refuse) {
    List<FlowNode> next = file.flow().outgoing(task).stream().map(SequenceFlow::getTarget).toList();
    file.flow().reachable(next, node -> Answers.asks(file.flow(), node, variable)).stream()
        .filter(node -> goesOn(set, node))
        .findFirst()
        .ifPresent(
            node ->
                refuse.accept(
                    "its decision is not asked before %s; let a gateway ask ${%s == '…'}"
                        .formatted(node.getId(), variable)));
  }

  /** Whether something follows from having come here. */
  private static boolean goesOn(ModelSet set, FlowNode node) {
    return node instanceof EndEvent && isGood(node)
        || node instanceof ServiceTask task
            && set.steps().of(task).filter(step -> step.effect() != Effect.OBSERVES).isPresent()
        || node instanceof CallActivity call
            && !call.isForCompensation()
            && set.effects(call).stream().anyMatch(effect -> effect != Effect.OBSERVES);
  }

  private static boolean isGood(FlowNode node) {
    return Stream.of("End_Passed", "End_Undone").anyMatch(end -> PhaseEnds.isNamed(node, end));
  }

  private static void checkAnswers(
      ModelSet set,
      ProcessFile file,
      String variable,
      List<String> options,
      Consumer<String> refuse) {
    Set<String> known = Set.copyOf(options);
    boolean decidesHere = !file.isUndo() && !handsOn(set, file, variable);
    for (FlowNode gateway : file.all(FlowNode.class)) {
      if (!Answers.asks(file.flow(), gateway, variable)) {
        continue;
      }
      for (SequenceFlow answer : file.flow().outgoing(gateway)) {
        Optional<String> value = Answers.value(answer);
        if (answer.getConditionExpression() != null && value.filter(known::contains).isEmpty()) {
          refuse.accept(
              "'%s' asks its decision otherwise than by == and one of %s"
                  .formatted(answer.getId(), options));
        }
        boolean granted = value.filter(Approval.GRANTS::contains).isPresent();
        if (decidesHere && !granted && passes(set, file, answer)) {
          refuse.accept(
              "'%s' leads on although the decision grants nothing; let it fail"
                  .formatted(answer.getId()));
        }
      }
    }
  }

  private static boolean passes(ModelSet set, ProcessFile file, SequenceFlow answer) {
    return file.flow().reachable(List.of(answer.getTarget()), UserTask.class::isInstance).stream()
        .anyMatch(node -> goesOn(set, node));
  }

  /** Whether a caller takes the decision over, to ask it itself, or the set has no caller. */
  private static boolean handsOn(ModelSet set, ProcessFile file, String variable) {
    List<CallActivity> calls =
        set.processes().stream()
            .flatMap(caller -> caller.all(CallActivity.class).stream())
            .filter(call -> file.process().getId().equals(call.getCalledElement()))
            .toList();
    return calls.isEmpty()
        || calls.stream()
            .flatMap(call -> Parameters.extensions(call, CamundaOut.class).stream())
            .anyMatch(given -> variable.equals(given.getCamundaSource()));
  }
}
