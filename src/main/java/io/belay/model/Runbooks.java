package io.belay.model;

import io.belay.step.StepCatalog;
import io.belay.step.StepDelegate;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.repository.ProcessDefinition;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.Documentation;
import org.camunda.bpm.model.bpmn.instance.Process;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.dmn.instance.InputExpression;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** The deployed runbooks, each in its latest version. */
@Component
public class Runbooks {

  /**
   * @param key id of the process
   * @param documentation what the runbook is for
   */
  public record Runbook(
      String key,
      String name,
      String definitionId,
      int version,
      String documentation,
      List<Parameter> parameters) {}

  private final RepositoryService repository;
  private final ObjectProvider<StepCatalog> steps;
  private final RunbookParameters parameters;

  Runbooks(
      RepositoryService repository,
      ObjectProvider<StepCatalog> steps,
      RunbookParameters parameters) {
    this.repository = repository;
    this.steps = steps;
    this.parameters = parameters;
  }

  public List<Runbook> all() {
    return repository
        .createProcessDefinitionQuery()
        .latestVersion()
        .active()
        .orderByProcessDefinitionKey()
        .asc()
        .list()
        .stream()
        .filter(definition -> Models.isRunbook(definition.getResourceName()))
        .map(this::describe)
        .toList();
  }

  public Optional<Runbook> find(String key) {
    return definition(key).map(this::describe);
  }

  /** The parameters that a start of that runbook takes. */
  public Optional<RunbookParameters.Declared> parameters(String key) {
    return definition(key).map(parameters::of);
  }

  /**
   * The outline of a deployed runbook, in that version.
   *
   * @param parameters of the run; what they rule out is left out. Empty for the whole runbook
   */
  public Optional<RunbookOutline> outline(String definitionId, Map<String, Object> parameters) {
    return Optional.ofNullable(
            repository
                .createProcessDefinitionQuery()
                .processDefinitionId(definitionId)
                .singleResult())
        .map(
            caller ->
                new OutlineReader(of(caller.getDeploymentId()), parameters)
                    .read(repository.getBpmnModelInstance(definitionId)));
  }

  private OutlineReader.Source of(String deployment) {
    return new OutlineReader.Source() {
      @Override
      public BpmnModelInstance called(String process) {
        return model(process, deployment);
      }

      @Override
      public Map<String, String> items(ServiceTask task) {
        return steps
            .getObject()
            .find(OutlineReader.step(task))
            .map(StepDelegate::items)
            .orElse(Map.of());
      }

      @Override
      public String asked(String table) {
        return Runbooks.asked(repository, deployment, table).orElse(null);
      }
    };
  }

  /**
   * The inputs of a decision table, separated by commas, without commas of their own; empty when
   * there is no such table.
   */
  public static Optional<String> asked(
      RepositoryService repository, String deployment, String table) {
    return Optional.ofNullable(
            repository
                .createDecisionDefinitionQuery()
                .deploymentId(deployment)
                .decisionDefinitionKey(table)
                .singleResult())
        .map(
            decision ->
                repository
                    .getDmnModelInstance(decision.getId())
                    .getModelElementsByType(InputExpression.class)
                    .stream()
                    .map(input -> input.getText().getTextContent().trim().replace(',', ' '))
                    .collect(Collectors.joining(",")));
  }

  /** The parameters of a deployed runbook, in that version. */
  public List<Parameter> parametersOf(String definitionId) {
    return parameters.of(repository.getProcessDefinition(definitionId)).all();
  }

  /** Id of the deployment that has a runbook, and the phases and forms that it uses. */
  public Optional<String> deployment(String definitionId) {
    return Optional.ofNullable(
            repository
                .createProcessDefinitionQuery()
                .processDefinitionId(definitionId)
                .singleResult())
        .map(ProcessDefinition::getDeploymentId);
  }

  /** The BPMN XML of a deployed process, a runbook or a phase. */
  public Optional<String> model(String definitionId) {
    return repository.createProcessDefinitionQuery().processDefinitionId(definitionId).count() == 0
        ? Optional.empty()
        : Optional.of(xml(definitionId));
  }

  private String xml(String definitionId) {
    try (InputStream model = repository.getProcessModel(definitionId)) {
      return new String(model.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private BpmnModelInstance model(String key, String deploymentId) {
    ProcessDefinition definition =
        repository
            .createProcessDefinitionQuery()
            .deploymentId(deploymentId)
            .processDefinitionKey(key)
            .singleResult();
    return repository.getBpmnModelInstance(definition.getId());
  }

  private Optional<ProcessDefinition> definition(String key) {
    return Optional.ofNullable(
            repository
                .createProcessDefinitionQuery()
                .processDefinitionKey(key)
                .latestVersion()
                .singleResult())
        .filter(definition -> Models.isRunbook(definition.getResourceName()));
  }

  private Runbook describe(ProcessDefinition definition) {
    String documentation =
        repository
            .getBpmnModelInstance(definition.getId())
            .getModelElementsByType(Process.class)
            .stream()
            .flatMap(process -> process.getDocumentations().stream())
            .map(Documentation::getTextContent)
            .findFirst()
            .orElse("");
    return new Runbook(
        definition.getKey(),
        definition.getName() == null ? definition.getKey() : definition.getName(),
        definition.getId(),
        definition.getVersion(),
        documentation,
        parameters.of(definition).all());
  }
}
