package io.belay.engine;

import io.belay.model.Runbooks;
import io.belay.model.Unchecked;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.delegate.DelegateExecution;

/** The inputs of the decision tables deployed with a process. */
final class DecisionInputs {

  private final Map<String, String> known = new ConcurrentHashMap<>();

  /**
   * The expressions of the table's inputs, separated by commas.
   *
   * @param table the decision's id
   * @param execution of a process of the same deployment
   * @throws IllegalArgumentException when there is no such decision
   */
  String of(String table, DelegateExecution execution) {
    String definition = execution.getProcessDefinitionId();
    return known.computeIfAbsent(
        definition + " " + table,
        key ->
            Unchecked.withoutAuthorization(
                () ->
                    read(
                        table,
                        definition,
                        execution.getProcessEngineServices().getRepositoryService())));
  }

  private static String read(String table, String definition, RepositoryService repository) {
    return Runbooks.asked(
            repository, repository.getProcessDefinition(definition).getDeploymentId(), table)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no decision table '%s' in the process' deployment".formatted(table)));
  }
}
