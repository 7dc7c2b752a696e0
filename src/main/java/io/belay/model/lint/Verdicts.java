package io.belay.model.lint;

import io.belay.step.StepDelegate;
import io.belay.step.Verdict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.BusinessRuleTask;
import org.camunda.bpm.model.bpmn.instance.EndEvent;
import org.camunda.bpm.model.bpmn.instance.ExclusiveGateway;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;

/**
 * Each verdict is checked by a gateway of its own, before the next one and before the phase passes;
 * only {@code == 'PASS'} leads on, everything else to a failed end. A tally's decision is checked
 * the same way, and may also be {@code 'CONTINUE'}, which leads back to the next measurement.
 */
final class Verdicts implements Rule {

  /**
   * A task whose result is a verdict.
   *
   * @param variable in which the model keeps it
   * @param tally whether it weighs the verdicts of several measurements
   */
  private record Source(FlowNode task, String variable, boolean tally) {}

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    for (ProcessFile phase : set.phases()) {
      if (!phase.isUndo()) {
        new OfPhase(set, phase, out).check();
      }
    }
  }

  private static final class OfPhase {

    private final ModelSet set;
    private final ProcessFile phase;
    private final Consumer<Finding> out;
    private final List<Source> sources = new ArrayList<>();

    OfPhase(ModelSet set, ProcessFile phase, Consumer<Finding> out) {
      this.set = set;
      this.phase = phase;
      this.out = out;
    }

    void check() {
      for (FlowNode node : phase.all(FlowNode.class)) {
        result(node).ifPresent(result -> addSource(node, result));
      }
      sources.forEach(this::checkAsked);
      phase.all(ExclusiveGateway.class).forEach(this::checkAnswers);
    }

    /** The expression that the task's verdict has before any mapping. */
    private Optional<String> result(FlowNode node) {
      if (node instanceof BusinessRuleTask) {
        return Optional.of("${decisionResult.verdict}");
      }
      return node instanceof ServiceTask task
          ? set.steps()
              .of(task)
              .map(StepDelegate::resultType)
              .flatMap(Verdict::componentOf)
              .map("${%s}"::formatted)
          : Optional.empty();
    }

    private void addSource(FlowNode node, String result) {
      List<String> variables =
          Parameters.outputs(node).entrySet().stream()
              .filter(output -> output.getValue().equals(result))
              .map(Map.Entry::getKey)
              .toList();
      if (variables.isEmpty() && isDecidedByATable(node)) {
        return; // the table's verdict counts
      }
      if (variables.size() != 1) {
        out.accept(
            phase.finding(
                node,
                "its verdict must be kept in one variable; add one output parameter with the value %s"
                    .formatted(result)));
      } else {
        sources.add(new Source(node, variables.get(0), isTally(node)));
      }
    }

    private boolean isDecidedByATable(FlowNode node) {
      return !(node instanceof BusinessRuleTask)
          && phase.flow().reachable(targets(node), BusinessRuleTask.class::isInstance).stream()
              .noneMatch(
                  after ->
                      after instanceof EndEvent
                          || after instanceof ExclusiveGateway gateway
                              && phase.flow().outgoing(gateway).size() > 1);
    }

    private boolean isTally(FlowNode node) {
      return node instanceof ServiceTask task
          && set.steps()
              .of(task)
              .filter(
                  step ->
                      Arrays.stream(step.inputType().getRecordComponents())
                          .anyMatch(component -> component.getType() == Verdict.class))
              .isPresent();
    }

    /** Follows all paths from the source to where its verdict is checked. */
    private void checkAsked(Source source) {
      Set<FlowNode> seen = new HashSet<>();
      Deque<FlowNode> open = new ArrayDeque<>(targets(source.task()));
      while (!open.isEmpty()) {
        FlowNode node = open.pop();
        if (asks(node, source.variable()) || weighs(node, source)) {
          continue;
        }
        boolean next =
            sources.stream()
                .anyMatch(
                    other ->
                        other.task().equals(node) && other.variable().equals(source.variable()));
        boolean passes = node instanceof EndEvent && PhaseEnds.isNamed(node, "End_Passed");
        if (next || passes) {
          out.accept(
              phase.finding(
                  source.task(),
                  "its verdict is not asked before %s; let a gateway ask ${%s == 'PASS'}"
                      .formatted(node.getId(), source.variable())));
          return;
        }
        if (seen.add(node)) {
          open.addAll(targets(node));
        }
      }
    }

    private List<FlowNode> targets(FlowNode node) {
      return phase.flow().outgoing(node).stream().map(SequenceFlow::getTarget).toList();
    }

    private boolean asks(FlowNode node, String variable) {
      return Answers.asks(phase.flow(), node, variable);
    }

    private boolean weighs(FlowNode node, Source source) {
      return sources.stream()
          .filter(Source::tally)
          .filter(tally -> tally.task().equals(node))
          .anyMatch(
              tally ->
                  Parameters.inputs(node).containsValue("${" + source.variable() + "}")
                      && !tally.equals(source));
    }

    private void checkAnswers(ExclusiveGateway gateway) {
      List<SequenceFlow> answers = phase.flow().outgoing(gateway);
      Set<FlowNode> before =
          new HashSet<>(
              sources.stream()
                  .filter(source -> asks(gateway, source.variable()))
                  .filter(source -> leadsTo(source, gateway))
                  .map(Source::task)
                  .toList());
      if (before.isEmpty()) {
        return; // checks something else
      }
      boolean tally =
          sources.stream().filter(source -> before.contains(source.task())).allMatch(Source::tally);
      for (SequenceFlow flow : answers) {
        Optional<String> value = Answers.value(flow);
        boolean isDefault = flow.equals(gateway.getDefault());
        if (value.filter("PASS"::equals).isPresent()) {
          if (!passes(flow, Set.of())) {
            out.accept(phase.finding(flow, "leads to no passed end although the verdict is PASS"));
          }
          continue;
        }
        if (!isDefault && !(tally && value.filter("CONTINUE"::equals).isPresent())) {
          out.accept(
              phase.finding(
                  flow,
                  tally
                      ? "a tally's decision is asked by == 'PASS' and == 'CONTINUE' only"
                      : "a verdict is asked by == 'PASS' only; everything else is a no"));
        } else if (passes(flow, isDefault ? Set.of() : tasks())) {
          out.accept(
              phase.finding(
                  flow, "leads to a passed end although the verdict is not PASS; let it fail"));
        }
      }
      if (answers.stream()
          .noneMatch(flow -> Answers.value(flow).filter("PASS"::equals).isPresent())) {
        out.accept(phase.finding(gateway, "asks a verdict, but no answer is == 'PASS'"));
      }
    }

    /** Whether the verdict at the gateway can be this source's: no other source is in between. */
    private boolean leadsTo(Source source, FlowNode gateway) {
      return phase
          .flow()
          .reachable(
              targets(source.task()),
              node ->
                  sources.stream()
                      .anyMatch(
                          other ->
                              other.task().equals(node)
                                  && other.variable().equals(source.variable())))
          .contains(gateway);
    }

    private Set<FlowNode> tasks() {
      return new HashSet<>(sources.stream().map(Source::task).toList());
    }

    private boolean passes(SequenceFlow flow, Set<FlowNode> notOver) {
      return phase.flow().reachable(List.of(flow.getTarget()), notOver::contains).stream()
          .anyMatch(node -> node instanceof EndEvent && PhaseEnds.isNamed(node, "End_Passed"));
    }
  }
}
