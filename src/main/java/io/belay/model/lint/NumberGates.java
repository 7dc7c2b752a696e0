package io.belay.model.lint;

import io.belay.step.ReservedNames;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.camunda.bpm.model.bpmn.instance.BusinessRuleTask;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;

/**
 * What a gate's table asks is given, or measured right before the gate; and a number that could not
 * be measured is no reason to pass. Of one process, as one of its callers calls it.
 */
final class NumberGates {

  private static final List<String> OF_EACH_MEASUREMENT = List.of("complete", "missing");

  private final ModelSet set;
  private final ProcessFile file;
  private final Map<String, String> literals;
  private final Consumer<Finding> out;
  private final List<ServiceTask> measurements;

  /**
   * @param literals values of the process's variables that the models give
   */
  NumberGates(ModelSet set, ProcessFile file, Map<String, String> literals, Consumer<Finding> out) {
    this.set = set;
    this.file = file;
    this.literals = literals;
    this.out = out;
    this.measurements =
        file.all(ServiceTask.class).stream()
            .filter(task -> !set.steps().namingInputs(task).isEmpty())
            .toList();
  }

  /**
   * @param given variables that the process has besides its numbers
   * @param inARun whether a runbook calls it: what no model gives then, only the run knows
   */
  void check(Set<String> given, boolean inARun) {
    measurements.forEach(task -> checkNames(task, inARun));
    file.all(BusinessRuleTask.class).forEach(gate -> checkGate(gate, given));
  }

  private void checkNames(ServiceTask task, boolean inARun) {
    Optional<Set<String>> names = names(task);
    if (names.isEmpty() && inARun) {
      out.accept(
          file.finding(
              task,
              "takes %s from the run, but only a model can name results; write the lines into the call"
                  .formatted(set.steps().namingInputs(task))));
    }
    Set<String> taken = new TreeSet<>(names.orElse(Set.of()));
    taken.removeIf(
        name -> !ReservedNames.ALL.contains(name) && !set.steps().names().contains(name));
    if (!taken.isEmpty()) {
      out.accept(
          file.finding(
              task,
              "names results %s, which Belay uses itself; take other names".formatted(taken)));
    }
    Set<String> inputs = new TreeSet<>(names.orElse(Set.of()));
    inputs.removeIf(
        name -> file.inputs().filter(declared -> declared.find(name).isPresent()).isEmpty());
    inputs.forEach(
        name ->
            out.accept(
                file.finding(
                    task,
                    "writes '%s', an input of the phase; inputs are written once, at its start"
                        .formatted(name))));
    OF_EACH_MEASUREMENT.stream()
        .filter(name -> !("${" + name + "}").equals(Parameters.outputs(task).get(name)))
        .map(
            "does not keep '%1$s'; add an output parameter '%1$s' with the value ${%1$s}"
                ::formatted)
        .forEach(rule -> out.accept(file.finding(task, rule)));
  }

  private Optional<Set<String>> names(ServiceTask task) {
    return set.steps().namedResults(List.of(task), literals);
  }

  private void checkGate(BusinessRuleTask gate, Set<String> given) {
    Consumer<String> refuse = rule -> out.accept(file.finding(gate, rule));
    String reference = String.valueOf(gate.getCamundaDecisionRef());
    String table = PlainExpressions.variable(reference).map(literals::get).orElse(reference);
    List<ServiceTask> before = before(gate);
    Set<String> missing = new TreeSet<>(set.asked(table));
    if (before.isEmpty() || isReachedUnmeasured(gate)) {
      missing.removeAll(given);
    } else {
      missing.removeAll(OF_EACH_MEASUREMENT);
      missing.removeAll(measuredByEach(before, missing));
    }
    if (!before.isEmpty()) {
      checkComplete(table, before, refuse);
    }
    if (!missing.isEmpty()) {
      refuse.accept(
          "table '%s' reads %s, which is not set anywhere: no step right before the gate measures it"
              .formatted(table, missing));
    }
  }

  /** The measurements from which a way leads to the gate without another one. */
  private List<ServiceTask> before(BusinessRuleTask gate) {
    return measurements.stream()
        .filter(
            task ->
                file.flow()
                    .reachable(
                        file.flow().outgoing(task).stream().map(SequenceFlow::getTarget).toList(),
                        measurements::contains)
                    .contains((FlowNode) gate))
        .toList();
  }

  private boolean isReachedUnmeasured(BusinessRuleTask gate) {
    return file.flow()
        .reachable(Flow.entries(file.process()), measurements::contains)
        .contains((FlowNode) gate);
  }

  /** Of these names; of a measurement whose numbers are not known here, the start asks. */
  private Set<String> measuredByEach(List<ServiceTask> before, Set<String> wanted) {
    Set<String> measured = new HashSet<>(wanted);
    before.forEach(task -> names(task).ifPresent(measured::retainAll));
    return measured;
  }

  private void checkComplete(String table, List<ServiceTask> before, Consumer<String> refuse) {
    if (set.decisions().stream().anyMatch(known -> known.name().equals(table))) {
      if (!set.asked(table).contains("complete")) {
        refuse.accept(
            "table '%s' does not ask 'complete', whether all was measured; add it, and a rule that is NO_DATA when it is false"
                .formatted(table));
      }
      return;
    }
    PlainExpressions.variable(table)
        .ifPresent(
            variable ->
                before.stream()
                    .filter(
                        task ->
                            !Parameters.inputs(task).containsValue("${" + variable + ".inputs}"))
                    .forEach(
                        task ->
                            refuse.accept(
                                "nobody compares the table with what '%s' measures; give that step ${%s.inputs}"
                                    .formatted(task.getId(), variable))));
  }
}
