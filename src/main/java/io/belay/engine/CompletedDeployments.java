package io.belay.engine;

import io.belay.model.DeliveredModels;
import io.belay.model.lint.CompleteSet;
import io.belay.model.lint.DerivedFields;
import java.util.LinkedHashMap;
import java.util.Map;
import org.camunda.bpm.engine.impl.RepositoryServiceImpl;
import org.camunda.bpm.engine.impl.persistence.entity.DeploymentEntity;
import org.camunda.bpm.engine.impl.persistence.entity.ResourceEntity;
import org.camunda.bpm.engine.impl.repository.DeploymentBuilderImpl;
import org.camunda.bpm.engine.repository.DeploymentWithDefinitions;

/**
 * Completes each deployment, through whatever interface it comes, by the shared parts that its
 * models use, and start forms by the fields that the inputs of their phases add: a runbook is bound
 * to the phases, tables and forms of its own deployment.
 */
class CompletedDeployments extends RepositoryServiceImpl {

  private final DeliveredModels delivered;

  CompletedDeployments(DeliveredModels delivered) {
    this.delivered = delivered;
  }

  @Override
  public DeploymentWithDefinitions deployWithResult(DeploymentBuilderImpl builder) {
    DeploymentEntity deployment = builder.getDeployment();
    if (deployment.getResources() != null) {
      complete(deployment);
    }
    if (builder.isDeployChangedOnly()) {
      builder.enableDuplicateFiltering(false); // changed files alone are not a complete set
    }
    return super.deployWithResult(builder);
  }

  private void complete(DeploymentEntity deployment) {
    Map<String, byte[]> own = new LinkedHashMap<>();
    deployment.getResources().forEach((name, resource) -> own.put(name, resource.getBytes()));
    Map<String, byte[]> set = DerivedFields.complete(CompleteSet.of(own, delivered.parts()));
    deployment.clearResources();
    set.forEach(
        (name, content) -> {
          ResourceEntity resource = new ResourceEntity();
          resource.setName(name);
          resource.setBytes(content);
          deployment.addResource(resource);
        });
  }
}
