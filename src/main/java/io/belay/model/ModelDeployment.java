package io.belay.model;

import java.io.ByteArrayInputStream;
import java.util.Map;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.repository.DeploymentBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Deploys all models as one deployment when Belay starts, and only if something changed: a phase is
 * bound to the runbook that was deployed with it, so runs keep the phases that they began with. A
 * set that the lint refuses prevents the start; earlier deployments stay.
 */
@Component
class ModelDeployment implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(ModelDeployment.class);
  private final RepositoryService repository;
  private final DeliveredModels delivered;
  private boolean running;

  ModelDeployment(RepositoryService repository, DeliveredModels delivered) {
    this.repository = repository;
    this.delivered = delivered;
  }

  @Override
  public void start() {
    Map<String, byte[]> models = delivered.all();
    DeploymentBuilder deployment =
        repository.createDeployment().name("belay").source("belay").enableDuplicateFiltering(false);
    models.forEach(
        (name, content) -> deployment.addInputStream(name, new ByteArrayInputStream(content)));
    String id = deployment.deploy().getId();
    log.info("{} models are deployed as {}", models.size(), id);
    running = true;
  }

  @Override
  public void stop() {
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Runs before the workers start. */
  @Override
  public int getPhase() {
    return Integer.MIN_VALUE + 1000;
  }
}
