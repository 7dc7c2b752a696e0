package io.belay.model;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.camunda.bpm.engine.RepositoryService;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** The inputs of the deployed phases. */
@Component
public class PhaseDeclarations {

  private final ObjectProvider<RepositoryService> repository;
  private final Map<String, Optional<PhaseInputs>> declared = new ConcurrentHashMap<>();

  PhaseDeclarations(ObjectProvider<RepositoryService> repository) {
    this.repository = repository;
  }

  /** The inputs of a phase; empty when it takes all variables of its caller. */
  public Optional<PhaseInputs> of(String definitionId) {
    return declared.computeIfAbsent(
        definitionId,
        id ->
            Unchecked.withoutAuthorization(
                () -> PhaseInputs.of(repository.getObject().getBpmnModelInstance(id))));
  }

  /** Whether a variable of that name is an input of the phase, written once at its start. */
  public boolean isInput(String definitionId, String name) {
    return of(definitionId).flatMap(inputs -> inputs.find(name)).isPresent();
  }
}
