package io.belay.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.repository.ProcessDefinition;
import org.springframework.stereotype.Component;

/** The decision tables that were deployed with a runbook, as DMN. */
@Component
public class GateTables {

  private final RepositoryService repository;

  GateTables(RepositoryService repository) {
    this.repository = repository;
  }

  /**
   * The tables that runs of that runbook version use, by decision.
   *
   * @param decisions those that are wanted; one that was not deployed with the runbook is absent
   */
  public Map<String, String> of(String definitionId, Collection<String> decisions) {
    Map<String, String> tables = new TreeMap<>();
    ProcessDefinition runbook =
        repository.createProcessDefinitionQuery().processDefinitionId(definitionId).singleResult();
    if (runbook != null) {
      repository
          .createDecisionDefinitionQuery()
          .deploymentId(runbook.getDeploymentId())
          .list()
          .stream()
          .filter(decision -> decisions.contains(decision.getKey()))
          .forEach(decision -> tables.put(decision.getKey(), text(decision.getId())));
    }
    return tables;
  }

  private String text(String id) {
    try (InputStream table = repository.getDecisionModel(id)) {
      return new String(table.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
