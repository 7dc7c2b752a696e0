package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.playground.EmbeddedServers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.util.Map;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.impl.cfg.StandaloneProcessEngineConfiguration;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.junit.jupiter.api.Test;

/** The one of {@link EngineFactsTest} that is the database's. */
class LongTextOnPostgresIT {

  @Test
  void textOverFourThousandCharacters_failsTheTransaction() throws Exception {
    var configuration = new StandaloneProcessEngineConfiguration();
    configuration.setProcessEngineName("facts on postgres");
    configuration.setDatabaseSchemaUpdate("true");
    configuration.setJobExecutorActivate(false);
    configuration.setDbMetricsReporterActivate(false);
    configuration.setHistoryTimeToLive("P1D");
    try (EmbeddedPostgres server = EmbeddedServers.postgres().start()) {
      configuration.setJdbcUrl(server.getJdbcUrl("postgres", "postgres"));
      configuration.setJdbcDriver("org.postgresql.Driver");
      configuration.setJdbcUsername("postgres");
      configuration.setJdbcPassword("postgres");
      ProcessEngine engine = configuration.buildProcessEngine();
      try {
        engine
            .getRepositoryService()
            .createDeployment()
            .addModelInstance(
                "m.bpmn",
                Bpmn.createExecutableProcess("p").startEvent().userTask().endEvent().done())
            .deploy();
        var runtime = engine.getRuntimeService();
        runtime.startProcessInstanceByKey("p", Map.of("text", "x".repeat(4000)));
        assertThatThrownBy(
                () -> runtime.startProcessInstanceByKey("p", Map.of("text", "x".repeat(4001))))
            .isInstanceOf(RuntimeException.class);
        assertThat(runtime.createProcessInstanceQuery().count()).isEqualTo(1);
      } finally {
        engine.close();
      }
    }
  }
}
