package io.belay.process;

import io.belay.process.lint.Finding;
import io.belay.process.lint.ModelLint;
import io.belay.process.lint.ModelRefused;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.impl.persistence.deploy.Deployer;
import org.camunda.bpm.engine.impl.persistence.entity.DeploymentEntity;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Lints every new deployment, also uploads by REST, before the engine takes anything of it; and
 * lets it read an old one again only as it was deployed.
 */
@Component
class LintDeployer implements Deployer {

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
    List<Finding> findings = lint.getObject().check(models);
    if (!findings.isEmpty()) {
      throw new ModelRefused(findings);
    }
    deployed.getObject().note(deployment);
  }
}
