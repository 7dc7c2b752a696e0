package io.belay.engine;

import io.belay.engine.law.AbortJob;
import io.belay.engine.law.GateJournal;
import io.belay.engine.law.IncidentJournal;
import io.belay.engine.law.RunJournal;
import io.belay.engine.law.RunbookParseListener;
import io.belay.engine.law.TaskRules;
import io.belay.engine.law.VariableRules;
import io.belay.model.DeliveredModels;
import io.belay.model.Forms;
import io.belay.step.JobRetries;
import io.belay.step.StepSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.camunda.bpm.dmn.engine.DmnEngineConfiguration;
import org.camunda.bpm.dmn.engine.impl.DefaultDmnEngineConfiguration;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.impl.bpmn.parser.BpmnParseListener;
import org.camunda.bpm.engine.impl.cfg.multitenancy.TenantCommandChecker;
import org.camunda.bpm.engine.impl.history.HistoryLevel;
import org.camunda.bpm.engine.impl.history.handler.HistoryEventHandler;
import org.camunda.bpm.engine.impl.incident.IncidentHandler;
import org.camunda.bpm.engine.impl.persistence.deploy.Deployer;
import org.camunda.bpm.engine.runtime.Incident;
import org.camunda.bpm.engine.spring.SpringProcessEngineConfiguration;
import org.camunda.bpm.spring.boot.starter.configuration.impl.AbstractCamundaConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/**
 * Sets up the engine as runbooks need it. Each line follows from a measured fact; see
 * docs/decisions/engine-settings.md.
 */
@Configuration(proxyBeanMethods = false)
class EngineConfiguration {

  private static final int TIMER_LATENESS_MILLIS = (int) Duration.ofSeconds(2).toMillis();

  @Bean
  @Order(100)
  AbstractCamundaConfiguration belayEngine(
      StartLock start,
      EngineTimes times,
      StepBeans beans,
      RunbookParseListener listener,
      LintDeployer lint,
      DeliveredModels delivered,
      GateJournal gates,
      VariableRules variables,
      Forms forms,
      List<IncidentJournal> incidents,
      EngineIndexes indexes,
      List<HistoryEventHandler> operations,
      AbortJob aborts,
      StepSettings steps) {
    return new AbstractCamundaConfiguration() {
      @Override
      public void preInit(SpringProcessEngineConfiguration engine) {
        start.acquire();
        times.requireUtc();
        engine.setBeans(beans);
        engine.setRepositoryService(new CompletedDeployments(delivered));
        engine.setExpressionManager(new ModelExpressions(beans));
        engine.setScriptEngineResolver(new NoScripts());
        engine.setVariableTypes(new ScalarVariables());
        engine.setHistoryEventProducer(variables);
        engine.setEnableFetchScriptEngineFromProcessApplication(false);
        engine.setEnableExceptionsAfterUnhandledBpmnError(true);
        // A step that an abort interrupted has no results for output parameters.
        engine.setSkipOutputMappingOnCanceledActivities(true);
        // The step's own log line says what failed; the engine's stack traces would repeat it.
        engine.setEnableCmdExceptionLogging(false);
        engine.setEnableReducedJobExceptionLogging(true);
        engine.setEnableScriptCompilation(false);
        engine.setEnableExpressionsInAdhocQueries(false);
        engine.setEnableExpressionsInStoredQueries(false);
        engine.setAdminGroups(new ArrayList<>(List.of("administrator")));
        engine.setCommandCheckers(List.of(new TenantCommandChecker(), new TaskRules(forms)));
        engine.setHistoryTimeToLive("P365D");
        engine.setFailedJobRetryTimeCycle(steps.retryCycle());
        engine.setFailedJobCommandFactory(new JobRetries());
        engine.setDefaultNumberOfRetries(steps.attempts());
        engine.setCustomHistoryEventHandlers(operations);
        engine.setCompositeIncidentHandlersEnabled(true);
        engine.setCustomIncidentHandlers(new ArrayList<IncidentHandler>(incidents));
        engine.setCustomJobHandlers(new ArrayList<>(List.of(aborts)));
        engine.setCustomPreDeployers(List.<Deployer>of(lint));
        List<BpmnParseListener> listeners =
            engine.getCustomPostBPMNParseListeners() == null
                ? new ArrayList<>()
                : new ArrayList<>(engine.getCustomPostBPMNParseListeners());
        listeners.add(listener);
        engine.setCustomPostBPMNParseListeners(listeners);
        DefaultDmnEngineConfiguration decisions =
            (DefaultDmnEngineConfiguration)
                DmnEngineConfiguration.createDefaultDmnEngineConfiguration();
        decisions.setCustomPostDecisionEvaluationListeners(new ArrayList<>(List.of(gates)));
        engine.setDmnEngineConfiguration(decisions);
      }

      @Override
      public void postInit(SpringProcessEngineConfiguration engine) {
        requireFullHistory(engine);
        engine.getJobExecutor().setMaxWait(TIMER_LATENESS_MILLIS);
        engine.getJobExecutor().setWaitTimeInMillis(500);
        steps.requireShorterThan(Duration.ofMillis(engine.getJobExecutor().getLockTimeInMillis()));
      }

      @Override
      public void postProcessEngineBuild(ProcessEngine engine) {
        indexes.ensure(); // the engine has made its tables by now
      }
    };
  }

  private static void requireFullHistory(SpringProcessEngineConfiguration engine) {
    if (!HistoryLevel.HISTORY_LEVEL_FULL.equals(engine.getHistoryLevel())) {
      throw new IllegalStateException(
          "camunda.bpm.history-level is '%s' and must be 'full': reports read the history, and the rules for variables depend on its events"
              .formatted(engine.getHistoryLevel().getName()));
    }
  }

  @Bean
  IncidentJournal failedJobs(RunJournal journal, MeterRegistry meters) {
    return new IncidentJournal(Incident.FAILED_JOB_HANDLER_TYPE, journal, meters);
  }

  @Bean
  IncidentJournal failedExternalTasks(RunJournal journal, MeterRegistry meters) {
    return new IncidentJournal(Incident.EXTERNAL_TASK_HANDLER_TYPE, journal, meters);
  }
}
