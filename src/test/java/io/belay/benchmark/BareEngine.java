package io.belay.benchmark;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.externaltask.LockedExternalTask;
import org.camunda.bpm.engine.impl.ProcessEngineImpl;
import org.camunda.bpm.engine.impl.cfg.StandaloneProcessEngineConfiguration;
import org.camunda.bpm.engine.impl.util.SingleConsumerCondition;
import org.camunda.bpm.engine.repository.DeploymentBuilder;

/**
 * Camunda without Belay: the same models and history level, and a plain external-task loop in each
 * of some threads: fetch and lock, complete each, again.
 */
final class BareEngine implements AutoCloseable {

  private static final long LOCK_MILLIS = 30_000;
  private static final int FETCH = 8;

  private final HikariDataSource pool = new HikariDataSource();
  private final ProcessEngine engine;
  private final String topic;
  private final int threads;
  private ExecutorService loops;
  private volatile boolean running;

  /** At rest until {@link #work}. */
  BareEngine(String url, String user, Path processes, String topic, int threads)
      throws IOException {
    pool.setJdbcUrl(url);
    pool.setUsername(user);
    pool.setMaximumPoolSize(40);
    pool.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    var configuration = new StandaloneProcessEngineConfiguration();
    configuration.setProcessEngineName("bare-" + UUID.randomUUID());
    configuration.setDataSource(pool);
    configuration.setDatabaseSchemaUpdate("true");
    configuration.setHistory("full");
    configuration.setDbMetricsReporterActivate(false);
    configuration.setJobExecutorActivate(true);
    engine = configuration.buildProcessEngine();
    DeploymentBuilder deployment = engine.getRepositoryService().createDeployment();
    for (Path file : RowOfNodes.files(processes)) {
      deployment.addString(processes.relativize(file).toString(), Files.readString(file));
    }
    deployment.deploy();
    this.topic = topic;
    this.threads = threads;
  }

  void work() {
    running = true;
    loops = Executors.newFixedThreadPool(threads);
    for (int i = 0; i < threads; i++) {
      String worker = "worker-" + i;
      loops.execute(() -> loop(worker));
    }
  }

  /** Its loops end: any engine of this process would wake them. */
  void rest() throws InterruptedException {
    running = false;
    if (loops != null) {
      loops.shutdown();
      loops.awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  private void loop(String worker) {
    var created = new SingleConsumerCondition(Thread.currentThread());
    ProcessEngineImpl.EXT_TASK_CONDITIONS.addConsumer(created);
    while (running) {
      List<LockedExternalTask> tasks =
          engine
              .getExternalTaskService()
              .fetchAndLock(FETCH, worker, true)
              .topic(topic, LOCK_MILLIS)
              .localVariables()
              .execute();
      for (LockedExternalTask task : tasks) {
        engine.getExternalTaskService().complete(task.getId(), worker);
      }
      if (tasks.isEmpty()) {
        created.await(1000);
      }
    }
    ProcessEngineImpl.EXT_TASK_CONDITIONS.removeConsumer(created);
  }

  /** Belay's listeners set the outcome of a phase; here the start says it. */
  String start(String runbook, String name) {
    return runtime()
        .startProcessInstanceByKey(
            runbook, name, Map.of("environment", "e1", "outcome", "passed", "reason", ""))
        .getId();
  }

  RuntimeService runtime() {
    return engine.getRuntimeService();
  }

  @Override
  public void close() {
    try {
      rest();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    engine.close();
    pool.close();
  }
}
