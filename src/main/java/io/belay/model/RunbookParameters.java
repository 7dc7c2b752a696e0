package io.belay.model;

import io.belay.model.Refusal.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.repository.ProcessDefinition;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * The parameters of runbooks. They are declared once, in the start form (a Camunda Form): Tasklist
 * and the pages render it, and every start is validated against it.
 */
@Component
public class RunbookParameters {

  /** The parameters of one runbook. */
  public record Declared(List<Parameter> all) {

    /**
     * The given values, converted, and the defaults of those not given.
     *
     * @throws RunRefused naming every parameter that is unknown, missing or wrong
     */
    public Map<String, Object> validate(Map<String, Object> given) {
      Map<String, Object> values = new LinkedHashMap<>();
      List<Problem> problems = new Forms.Declared(all).check(given, values);
      if (!problems.isEmpty()) {
        throw new RunRefused(problems);
      }
      return values;
    }
  }

  private final ObjectProvider<RepositoryService> repository;
  private final Forms forms;
  private final Map<String, Optional<String>> startForms = new ConcurrentHashMap<>();

  RunbookParameters(ObjectProvider<RepositoryService> repository, Forms forms) {
    this.repository = repository;
    this.forms = forms;
  }

  public Declared of(ProcessDefinition definition) {
    return startForms
        .computeIfAbsent(definition.getId(), this::startForm)
        .map(form -> new Declared(forms.of(definition.getDeploymentId(), form).all()))
        .orElse(new Declared(List.of()));
  }

  private Optional<String> startForm(String definitionId) {
    return Unchecked.withoutAuthorization(
        () ->
            repository
                .getObject()
                .getBpmnModelInstance(definitionId)
                .getModelElementsByType(StartEvent.class)
                .stream()
                .map(StartEvent::getCamundaFormRef)
                .filter(form -> form != null)
                .findFirst());
  }
}
