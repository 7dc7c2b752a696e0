package io.belay.step;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.zaxxer.hikari.HikariDataSource;
import io.belay.artifact.ArtifactSettings;
import io.belay.artifact.ArtifactStore;
import io.belay.artifact.FileArtifactStore;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunningSteps;
import io.belay.journal.Samples;
import io.belay.playground.Scratch;
import io.belay.target.AllTargetTypes;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.Environments;
import io.belay.target.FormerName;
import io.belay.target.IdentityReader;
import io.belay.target.Leases;
import io.belay.target.Secret;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import liquibase.integration.spring.SpringLiquibase;
import org.camunda.bpm.engine.ExternalTaskService;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.spring.SpringProcessEngineConfiguration;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.validation.beanvalidation.LocalValidatorFactoryBean;

/**
 * The step contract with a real engine and database, without the application around it. Locks are
 * short and pauses shorter.
 */
final class StepWorld implements AutoCloseable {

  static final String PASSWORD = "pa55-of-the-database";

  enum Mode {
    KEEP,
    RESTORE
  }

  /** What a test lets a step do. */
  @FunctionalInterface
  interface Work {
    ChangeThings.Result perform(ChangeThings.Input input, StepContext context) throws Exception;
  }

  /** A step whose work the test decides. */
  @FormerName("alterThings")
  @Checkpoint(name = "weight", type = Integer.class)
  @Checkpoint(name = "mode", type = Mode.class)
  @Checkpoint(name = "previous", type = Integer.class)
  @Checkpoint(name = "nothing", type = String.class)
  @Checkpoint(name = "file", type = ChangeThings.FileBefore.class, formerly = "document")
  static class ChangeThings extends StepDelegate<ChangeThings.Input, ChangeThings.Result> {

    record Input(
        @NotBlank @DefaultValue("all") String things,
        @Min(0) @Max(100) @DefaultValue("10") @FormerName("share") int weight,
        @DefaultValue("5s") Duration timeout,
        @DefaultValue({"a", "b"}) List<String> paths,
        @DefaultValue("KEEP") Mode mode,
        Path tool) {}

    record Result(Verdict verdict, String reason, long changed, Duration took) {}

    /** A file before it was changed; null where there was none. */
    record FileBefore(@FormerName("name") String path, @FormerName("text") String content) {}

    static final Result DONE = new Result(Verdict.PASS, "fine", 3, Duration.ofSeconds(2));

    final AtomicInteger effects = new AtomicInteger();
    volatile Work work = (input, context) -> DONE;

    ChangeThings() {
      super(Input.class, Result.class);
    }

    @Override
    public Result perform(Input input, StepContext context) throws Exception {
      effects.incrementAndGet();
      return work.perform(input, context);
    }

    @Override
    public StepPlan plan(Input input, Environment environment) {
      return StepPlan.changes("database", "changes " + input.things());
    }
  }

  /** Takes back the changes of the same things. */
  @Undoes("changeThings")
  static class RestoreThings extends UndoDelegate<RestoreThings.Input, StepDelegate.Done> {

    record Input(@NotBlank @DefaultValue("all") String things) {}

    volatile boolean broken;

    RestoreThings() {
      super(Input.class, Done.class);
    }

    @Override
    protected boolean takesBack(Input input, PastStep past, Environment environment) {
      return past.input(ChangeThings.Input.class).things().equals(input.things());
    }

    @Override
    protected Done takeBack(Input input, List<PastStep> changes, StepContext context) {
      if (broken) {
        throw new IllegalStateException("the undo is broken");
      }
      return new Done();
    }

    @Override
    public StepPlan plan(Input input, Environment environment) {
      return StepPlan.changes("database", "restores " + input.things());
    }
  }

  /** Without @Configuration, so that no other test scans it. */
  @Import({
    Journal.class,
    RunningSteps.class,
    Samples.class,
    RunRecords.class,
    StepValues.class,
    Node.class,
    StepRecords.class,
    StepRunner.class,
    DatabaseStepJournals.class,
    RunTargets.class,
    EngineTasks.class,
    WaitingTasks.class,
    StepJob.class,
    StepHeartbeat.class,
    StepWorker.class,
    StepCatalog.class,
    ChangeThings.class,
    RestoreThings.class,
    StandingChanges.class,
    AwaitStepsStopped.class
  })
  static class Parts {

    @Bean(destroyMethod = "close")
    HikariDataSource dataSource() {
      HikariDataSource dataSource = new HikariDataSource();
      dataSource.setJdbcUrl("jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1".formatted(UUID.randomUUID()));
      dataSource.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
      return dataSource;
    }

    @Bean
    SpringLiquibase liquibase(DataSource dataSource) {
      SpringLiquibase liquibase = new SpringLiquibase();
      liquibase.setDataSource(dataSource);
      liquibase.setChangeLog("classpath:/db/changelog/db.changelog-master.yaml");
      return liquibase;
    }

    @Bean
    @DependsOn("liquibase")
    JdbcTemplate jdbc(DataSource dataSource) {
      return new JdbcTemplate(dataSource);
    }

    @Bean
    PlatformTransactionManager transactions(DataSource dataSource) {
      return new JdbcTransactionManager(dataSource);
    }

    @Bean
    ObjectMapper json() {
      return JsonMapper.builder()
          .findAndAddModules()
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .build();
    }

    @Bean
    MeterRegistry meters() {
      return new SimpleMeterRegistry();
    }

    @Bean
    LocalValidatorFactoryBean validator() {
      return new LocalValidatorFactoryBean();
    }

    @Bean
    StepSettings settings() {
      return new StepSettings(
          4,
          3,
          Duration.ofMillis(50),
          Duration.ofSeconds(1),
          Duration.ofSeconds(1),
          Duration.ofMillis(200),
          Duration.ofMillis(100),
          Duration.ofSeconds(4));
    }

    @Bean
    AgentSettings agents() {
      return new AgentSettings(Map.of());
    }

    @Bean
    Leases leases(DataSource dataSource, PlatformTransactionManager transactions) {
      return new Leases(dataSource, transactions);
    }

    @Bean(destroyMethod = "close")
    Connections connections() {
      return new Connections();
    }

    @Bean
    IdentityReader identities() {
      return new IdentityReader(AllTargetTypes.types());
    }

    @Bean
    Path directory() throws IOException {
      Path directory = Scratch.directory("steps");
      Files.writeString(
          directory.resolve("test.yml"),
          """
          targets:
            database:
              type: postgres
              host: db.example.org
              database: shop
              username: shop
              password: %s
          """
              .formatted(PASSWORD));
      return directory;
    }

    @Bean
    Environments environments(Path directory) {
      return new Environments(directory, new StandardEnvironment(), AllTargetTypes.types());
    }

    @Bean
    ArtifactStore artifacts(Path directory) {
      return new FileArtifactStore(
          new ArtifactSettings(directory.resolve("artifacts"), Secret.none()));
    }

    @Bean(destroyMethod = "close")
    ProcessEngine engine(
        DataSource dataSource,
        PlatformTransactionManager transactions,
        StepSettings settings,
        List<StepDelegate<?, ?>> steps) {
      var configuration = new SpringProcessEngineConfiguration();
      configuration.setProcessEngineName("steps" + UUID.randomUUID());
      configuration.setDataSource(dataSource);
      configuration.setTransactionManager(transactions);
      configuration.setDatabaseSchemaUpdate("true");
      configuration.setHistoryTimeToLive("P1D");
      configuration.setDbMetricsReporterActivate(false);
      configuration.setEnableExceptionsAfterUnhandledBpmnError(true);
      configuration.setEnableCmdExceptionLogging(false);
      configuration.setEnableReducedJobExceptionLogging(true);
      configuration.setFailedJobRetryTimeCycle(settings.retryCycle());
      configuration.setDefaultNumberOfRetries(settings.attempts());
      configuration.setFailedJobCommandFactory(new JobRetries());
      configuration.setJobExecutorActivate(true);
      Map<Object, Object> beans = new HashMap<>();
      steps.forEach(step -> StepNames.all(step.getClass()).forEach(name -> beans.put(name, step)));
      configuration.setBeans(beans);
      ProcessEngine engine = configuration.buildProcessEngine();
      configuration.getJobExecutor().setWaitTimeInMillis(50);
      configuration.getJobExecutor().setMaxWait(200);
      return engine;
    }

    @Bean
    ExternalTaskService externalTasks(ProcessEngine engine) {
      return engine.getExternalTaskService();
    }

    @Bean
    RuntimeService runtime(ProcessEngine engine) {
      return engine.getRuntimeService();
    }
  }

  private final AnnotationConfigApplicationContext context;

  StepWorld() {
    context = new AnnotationConfigApplicationContext(Parts.class);
    get(StepHeartbeat.class);
  }

  <T> T get(Class<T> type) {
    return context.getBean(type);
  }

  ProcessEngine engine() {
    return get(ProcessEngine.class);
  }

  ChangeThings step() {
    return get(ChangeThings.class);
  }

  Journal journal() {
    return get(Journal.class);
  }

  /** The kinds of what the journal tells of one execution. */
  List<Kind> told(String stepKey) {
    return journal().ofStepKey(stepKey).stream().map(JournalEntry::kind).toList();
  }

  /** A run of the books only; it holds nothing when {@code fence} is 0. */
  String run(long fence) {
    String id = UUID.randomUUID().toString();
    run(id, fence);
    return id;
  }

  void run(String id, long fence) {
    get(RunRecords.class).started(id, "run of a test", "runbook", "runbook:1", "test", "me", fence);
  }

  /** Deploys a model and starts it, as a run of the environment {@code test}. */
  String start(BpmnModelInstance model) {
    return start(model, Map.of());
  }

  String start(BpmnModelInstance model, Map<String, Object> variables) {
    var definition =
        engine()
            .getRepositoryService()
            .createDeployment()
            .addModelInstance("model.bpmn", model)
            .deployWithResult()
            .getDeployedProcessDefinitions()
            .get(0);
    // Both at once: a worker may be faster than the second of two transactions.
    return new TransactionTemplate(get(PlatformTransactionManager.class))
        .execute(
            status -> {
              String id =
                  engine()
                      .getRuntimeService()
                      .startProcessInstanceById(definition.getId(), "run of a test", variables)
                      .getId();
              run(id, 0);
              return id;
            });
  }

  boolean hasEnded(String run) {
    return engine().getRuntimeService().createProcessInstanceQuery().processInstanceId(run).count()
        == 0;
  }

  /** What the journal tells of a run's steps. */
  List<JournalEntry> entries(String run) {
    return journal().entries(run, 0, 1000);
  }

  @Override
  public void close() {
    context.close();
  }
}
