package io.belay.process.lint;

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

/** Behind each phase its outcome is asked, and whatever is not 'passed' is a no. */
final class PhaseGates implements Rule {

  private static final Pattern PASSED =
      Pattern.compile("\\$\\{\\s*([A-Za-z][A-Za-z0-9_]*)\\s*==\\s*['\"]passed['\"]\\s*}");

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile runbook : set.runbooks()) {
      Ladder ladder = new Ladder(runbook);
      for (CallActivity phase : ladder.phases()) {
        ladder
            .gate(phase)
            .ifPresentOrElse(
                gate -> check(runbook, phase, gate, out),
                () ->
                    out.accept(
                        runbook.finding(
                            phase,
                            "nobody asks whether the phase passed; put a splitting gateway on its"
                                + " outcome right behind it")));
      }
    }
  }

  private static void check(
      ProcessFile runbook, CallActivity phase, ExclusiveGateway gate, Consumer<Finding> out) {
    List<SequenceFlow> answers =
        runbook.flow().outgoing(gate).stream()
            .filter(flow -> !flow.equals(gate.getDefault()))
            .toList();
    if (answers.size() != 1) {
      out.accept(
          runbook.finding(
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
          runbook.finding(
              yes, "the way on must be taken only on 'passed'; write ${outcome == 'passed'}"));
    } else if (!outcomeVariables(phase).contains(passed.group(1))) {
      out.accept(
          runbook.finding(
              yes,
              "asks '%s', but the outcome of %s is kept in %s; compare that"
                  .formatted(passed.group(1), phase.getId(), outcomeVariables(phase))));
    }
  }

  private static Set<String> outcomeVariables(CallActivity phase) {
    return Parameters.extensions(phase, CamundaOut.class).stream()
        .filter(
            out -> "outcome".equals(out.getCamundaSource()) || out.getCamundaVariables() != null)
        .map(out -> out.getCamundaVariables() != null ? "outcome" : out.getCamundaTarget())
        .collect(Collectors.toSet());
  }
}
