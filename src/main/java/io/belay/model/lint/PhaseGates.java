package io.belay.model.lint;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.ExclusiveGateway;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaOut;

/**
 * A runbook, and a phase that calls another one, checks the outcome of each called phase directly
 * after the call. Every outcome but 'passed' is a no, and in a phase a no leads to its passed end
 * only through another try of the called phase.
 */
final class PhaseGates implements Rule {

  private static final Pattern PASSED =
      Pattern.compile("\\$\\{\\s*([A-Za-z][A-Za-z0-9_]*)\\s*==\\s*['\"]passed['\"]\\s*}");

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile caller : set.processes()) {
      if (caller.isUndo()) {
        continue;
      }
      Ladder ladder = new Ladder(caller);
      for (CallActivity phase : ladder.phases()) {
        ladder
            .gate(phase)
            .ifPresentOrElse(
                gate -> check(caller, phase, gate, out),
                () ->
                    out.accept(
                        caller.finding(
                            phase,
                            "nobody asks whether the phase passed; put a splitting gateway on its"
                                + " outcome right behind it")));
      }
    }
  }

  private static void check(
      ProcessFile caller, CallActivity phase, ExclusiveGateway gate, Consumer<Finding> out) {
    List<SequenceFlow> answers =
        caller.flow().outgoing(gate).stream()
            .filter(flow -> !flow.equals(gate.getDefault()))
            .toList();
    if (answers.size() != 1) {
      out.accept(
          caller.finding(
              gate,
              "the gate behind a phase has two answers: passed, and by default everything else"));
      return;
    }
    SequenceFlow yes = answers.get(0);
    String condition =
        yes.getConditionExpression() == null ? "" : yes.getConditionExpression().getTextContent();
    Matcher passed = PASSED.matcher(condition.trim());
    if (!passed.matches()) {
      out.accept(
          caller.finding(
              yes, "the way on must be taken only on 'passed'; write ${outcome == 'passed'}"));
    } else if (!outcomeVariables(phase).contains(passed.group(1))) {
      out.accept(
          caller.finding(
              yes,
              "asks '%s', but the outcome of %s is kept in %s; compare that"
                  .formatted(passed.group(1), phase.getId(), outcomeVariables(phase))));
    }
    if (gate.getDefault() != null && canPass(caller, phase, gate.getDefault())) {
      out.accept(
          caller.finding(
              gate.getDefault(),
              "leads to a passed end although %s did not pass; let it fail"
                  .formatted(phase.getId())));
    }
  }

  /**
   * Whether the answer leads to the passed end without another try of the phase, which is checked
   * again.
   */
  private static boolean canPass(ProcessFile caller, CallActivity phase, SequenceFlow answer) {
    return caller.flow().reachable(List.of(answer.getTarget()), phase::equals).stream()
        .anyMatch(node -> PhaseEnds.isNamed(node, "End_Passed"));
  }

  private static Set<String> outcomeVariables(CallActivity phase) {
    return Parameters.extensions(phase, CamundaOut.class).stream()
        .filter(
            out -> "outcome".equals(out.getCamundaSource()) || out.getCamundaVariables() != null)
        .map(out -> out.getCamundaVariables() != null ? "outcome" : out.getCamundaTarget())
        .collect(Collectors.toSet());
  }
}
