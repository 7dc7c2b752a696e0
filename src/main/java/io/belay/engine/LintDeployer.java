package io.belay.engine;

import io.belay.model.Models;
import io.belay.model.lint.Finding;
import io.belay.model.lint.ModelLint;
import io.belay.model.lint.ModelRefused;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.impl.persistence.deploy.Deployer;
import org.camunda.bpm.engine.impl.persistence.entity.DeploymentEntity;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Lints every new deployment, uploads by REST included, before the engine accepts any of it, and
 * lets the engine reload an old one only as it was deployed.
 */
@Component
class LintDeployer implements Deployer {

  private static final Finding NO_RUNBOOK =
      new Finding(
          "",
          "",
          "there is no runbook among the files; runs use only what was deployed together with their"
              + " runbook, so deploy the phase, table or form with it");

  private final ObjectProvider<ModelLint> lint;
  private final ObjectProvider<DeployedModels> deployed;

  LintDeployer(ObjectProvider<ModelLint> lint, ObjectProvider<DeployedModels> deployed) {
    this.lint = lint;
    this.deployed = deployed;
  }

  @Override
  public void deploy(DeploymentEntity deployment) {
    if (!deployment.isNew()) {
      deployed.getObject().requireUnchanged(deployment);
      return;
    }
    Map<String, byte[]> models = new LinkedHashMap<>();
    deployment.getResources().forEach((name, resource) -> models.put(name, resource.getBytes()));
    List<Finding> findings =
        models.keySet().stream().anyMatch(Models::isRunbook)
            ? lint.getObject().check(models)
            : List.of(NO_RUNBOOK);
    if (!findings.isEmpty()) {
      throw new ModelRefused(findings);
    }
    deployed.getObject().note(deployment);
  }
}
