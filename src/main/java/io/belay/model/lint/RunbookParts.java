package io.belay.model.lint;

import io.belay.step.StepDelegate;
import io.belay.step.StepPlan.Effect;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.EndEvent;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.IntermediateCatchEvent;
import org.camunda.bpm.model.bpmn.instance.ParallelGateway;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.SubProcess;
import org.camunda.bpm.model.bpmn.instance.UserTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaIn;

/**
 * A runbook only composes phases. Whatever waits or changes something is inside a phase, where an
 * abort finds it and an undo takes it back; the exception is a wait past the point of no return,
 * where there is nothing left to abort.
 */
final class RunbookParts implements Rule {

  private static final Set<String> PROOFS = Set.of("proof", "file");

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile runbook : set.runbooks()) {
      Ladder ladder = new Ladder(runbook);
      for (FlowNode node : runbook.all(FlowNode.class)) {
        problem(set, ladder, node).ifPresent(rule -> out.accept(runbook.finding(node, rule)));
      }
      runbook.all(CallActivity.class).stream()
          .filter(call -> !passesRunName(call))
          .forEach(
              call ->
                  out.accept(
                      runbook.finding(
                          call,
                          "does not pass the run's name on; add"
                              + " <camunda:in businessKey=\"#{execution.processBusinessKey}\"/>")));
      checkStart(set, runbook, out);
    }
  }

  private static Optional<String> problem(ModelSet set, Ladder ladder, FlowNode node) {
    if (node instanceof UserTask || node instanceof IntermediateCatchEvent) {
      return isPastReturn(set, ladder, node)
          ? Optional.empty()
          : Optional.of("waits outside of a phase, where no abort finds it; move it into a phase");
    }
    if (node instanceof ServiceTask task && !task.isForCompensation()) {
      return problem(set, task);
    }
    if (node instanceof ParallelGateway || node instanceof SubProcess) {
      return Optional.of(
          "a runbook is one line of phases, so that there is an order to go back; move it into a"
              + " phase");
    }
    if (node instanceof CallActivity call && ladder.file().flow().behind(call).contains(call)) {
      return Optional.of("a phase that runs again loses its first undo; loop inside the phase");
    }
    if (node instanceof EndEvent
        && !PhaseEnds.isNamed(node, "End_Completed")
        && !PhaseEnds.isNamed(node, "End_RolledBack")) {
      return Optional.of("a run ends in End_Completed or in End_RolledBack; rename the event");
    }
    return Optional.empty();
  }

  private static Optional<String> problem(ModelSet set, ServiceTask task) {
    if (task.getCamundaDelegateExpression() == null) {
      return Optional.of("waits outside of a phase, where no abort finds it; move it into a phase");
    }
    return set.steps()
        .of(task)
        .map(StepDelegate::effect)
        .filter(effect -> effect != Effect.OBSERVES)
        .map(
            effect ->
                "changes something outside of a phase, without an undo; move it into a phase");
  }

  /** Whether every way to the node goes through a phase that cannot be undone. */
  private static boolean isPastReturn(ModelSet set, Ladder ladder, FlowNode node) {
    return !ladder
        .file()
        .flow()
        .reachable(
            Flow.entries(ladder.file().process()),
            at ->
                at instanceof CallActivity call
                    && set.effects(call).contains(Effect.CANNOT_BE_UNDONE))
        .contains(node);
  }

  static boolean passesRunName(CallActivity call) {
    return Parameters.extensions(call, CamundaIn.class).stream()
        .anyMatch(input -> input.getCamundaBusinessKey() != null);
  }

  private static void checkStart(ModelSet set, ProcessFile runbook, Consumer<Finding> out) {
    List<StartEvent> plain =
        Flow.entries(runbook.process()).stream()
            .filter(StartEvent.class::isInstance)
            .map(StartEvent.class::cast)
            .filter(start -> start.getEventDefinitions().isEmpty())
            .toList();
    if (plain.size() != 1) {
      out.accept(
          runbook.finding(
              runbook.process(),
              "has %d plain start events; it needs one".formatted(plain.size())));
    }
    for (StartEvent start : plain) {
      UserTasks.checkForm(
          set,
          start.getCamundaFormRef(),
          start.getCamundaFormRefBinding(),
          rule -> out.accept(runbook.finding(start, rule)));
      set.forms().stream()
          .filter(form -> form.name().equals(start.getCamundaFormRef()))
          .flatMap(form -> form.json().findParents("key").stream())
          .filter(field -> PROOFS.contains(field.path("properties").path("type").asText()))
          .forEach(
              field ->
                  out.accept(
                      runbook.finding(
                          start,
                          "has a form whose field '%s' is a proof, which only the form of a user task asks for"
                              .formatted(field.path("key").asText()))));
    }
    for (String end : List.of("End_Completed", "End_RolledBack")) {
      if (runbook.nodes().stream().noneMatch(node -> PhaseEnds.isNamed(node, end))) {
        out.accept(runbook.finding(runbook.process(), "has no end event " + end + "; add it"));
      }
    }
  }
}
