package io.belay.model.lint;

import io.belay.step.AskedByTables;
import io.belay.step.StepDelegate;
import java.lang.reflect.RecordComponent;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.instance.BusinessRuleTask;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;

/**
 * A table asks what the measurement before it wants to be asked ({@link AskedByTables}). Of one
 * process, as one of its callers calls it; a table that only the run knows is not checked here.
 */
final class AskedFigures {

  private AskedFigures() {}

  /**
   * @param literals values of the process's variables that the models give
   */
  static void check(
      ModelSet set, ProcessFile file, Map<String, String> literals, Consumer<Finding> out) {
    for (BusinessRuleTask gate : file.all(BusinessRuleTask.class)) {
      String reference = String.valueOf(gate.getCamundaDecisionRef());
      String table = PlainExpressions.variable(reference).map(literals::get).orElse(reference);
      if (set.decisions().stream().noneMatch(known -> known.name().equals(table))) {
        continue;
      }
      for (ServiceTask task : file.all(ServiceTask.class)) {
        Set<String> missing = wanted(set, task);
        missing.removeAll(set.asked(table));
        if (!missing.isEmpty() && file.flow().behind(task).contains((FlowNode) gate)) {
          out.accept(
              file.finding(
                  gate,
                  "table '%s' does not ask %s; every table that judges '%s' asks them"
                      .formatted(table, missing, Steps.nameIn(task).orElse(task.getId()))));
        }
      }
    }
  }

  private static Set<String> wanted(ModelSet set, ServiceTask task) {
    return set
        .steps()
        .of(task)
        .map(StepDelegate::resultType)
        .map(Class::getRecordComponents)
        .stream()
        .flatMap(Stream::of)
        .filter(component -> component.isAnnotationPresent(AskedByTables.class))
        .map(RecordComponent::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
