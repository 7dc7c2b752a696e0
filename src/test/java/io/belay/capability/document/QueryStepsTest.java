package io.belay.capability.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.step.FakeStepContext;
import io.belay.step.StepPlan;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps that change and measure how queries are answered. */
class QueryStepsTest {

  private static final String STORE = "document-store";

  @TempDir Path directory;
  private DocumentStoreTarget target;
  private FakeStepContext context;
  private final QueryAdapters adapters = new QueryAdapters();
  private final SwitchQueryMode switchMode = new SwitchQueryMode(adapters);
  private final RestoreQueryMode restoreMode = new RestoreQueryMode();
  private final MeasureQueries measure = new MeasureQueries(adapters);

  @BeforeEach
  void prepare() throws IOException {
    target = QueryAdapterTest.target(directory);
    context = new FakeStepContext(Map.of(STORE, target));
    write("admin-users.db", "{\"_id\":\"root\",\"level\":1}\n");
    write(
        "users.db",
        "{\"_id\":\"a\"}\n{\"_id\":\"b\"}\n{\"_id\":\"c\"}\n{\"_id\":\"d\"}\n{\"_id\":\"e\"}\n");
    write("admin.db", "{\"_collection\":\"admin-users\",\"_id\":\"root\",\"level\":1}\n");
    write(
        "application.db",
        List.of("a", "b", "c", "d", "e").stream()
            .map("{\"_collection\":\"users\",\"_id\":\"%s\"}\n"::formatted)
            .collect(Collectors.joining()));
  }

  private void write(String file, String content) throws IOException {
    Files.writeString(directory.resolve(file), content);
  }

  private static SwitchQueryMode.Input to(QueryMode mode) {
    return new SwitchQueryMode.Input(STORE, mode, true, true);
  }

  private QueryMode mode() throws IOException {
    return QuerySettings.of(target).current().mode();
  }

  @Test
  void switches_areTakenBackToTheStateBeforeTheFirst() throws Exception {
    assertThat(context.run(switchMode, to(QueryMode.HYBRID)))
        .isEqualTo(new SwitchQueryMode.Result("hybrid", "legacy"));
    assertThat(context.run(switchMode, to(QueryMode.NEW)).previous()).isEqualTo("hybrid");
    assertThat(mode()).isEqualTo(QueryMode.NEW);
    for (int i = 0; i < 2; i++) {
      assertThat(context.run(restoreMode, new RestoreQueryMode.Input(STORE)).mode())
          .isEqualTo("legacy");
      assertThat(mode()).isEqualTo(QueryMode.LEGACY);
    }
  }

  @Test
  void undoOnNothing_changesNothing() throws Exception {
    QuerySettings.of(target).set(QueryMode.NEW, true, true, 0, "somebody");
    assertThat(context.run(restoreMode, new RestoreQueryMode.Input(STORE)).mode()).isEqualTo("new");
    assertThat(mode()).isEqualTo(QueryMode.NEW);
  }

  @Test
  void killedBetweenSaveAndEffect_isTakenBack_andRetriedWithTheFirstState() throws Exception {
    context.runKilledAfterSave(SwitchQueryMode.PREVIOUS, switchMode, to(QueryMode.HYBRID));
    assertThat(mode()).isEqualTo(QueryMode.LEGACY);
    context.run(restoreMode, new RestoreQueryMode.Input(STORE));
    assertThat(mode()).isEqualTo(QueryMode.LEGACY);
    assertThat(context.retry(switchMode, to(QueryMode.HYBRID)).previous()).isEqualTo("legacy");
  }

  @Test
  void killedAfterTheEffect_remembersWhatWasBefore() throws Exception {
    context.runKilled(switchMode, to(QueryMode.HYBRID));
    assertThat(context.retry(switchMode, to(QueryMode.HYBRID)).previous()).isEqualTo("legacy");
    context.run(restoreMode, new RestoreQueryMode.Input(STORE));
    assertThat(mode()).isEqualTo(QueryMode.LEGACY);
  }

  @Test
  void modeInWhichNobodyCouldAnswer_isRefused_andNothingChanges() throws Exception {
    Files.delete(directory.resolve("application.db"));
    assertThatThrownBy(() -> context.run(switchMode, to(QueryMode.NEW)))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("application.db is missing");
    assertThat(mode()).isEqualTo(QueryMode.LEGACY);
    context.run(switchMode, to(QueryMode.HYBRID));
    assertThat(mode()).isEqualTo(QueryMode.HYBRID);
  }

  @Test
  void laterLease_keepsAnEarlierRunFromSwitching() throws Exception {
    QuerySettings.of(target).set(QueryMode.HYBRID, true, true, context.fence() + 1, "run two");
    assertThatThrownBy(() -> context.run(switchMode, to(QueryMode.NEW)))
        .hasMessageContaining("run two");
    assertThat(mode()).isEqualTo(QueryMode.HYBRID);
  }

  @Test
  void plans_haveNoEffect() throws Exception {
    assertThat(switchMode.plan(to(QueryMode.HYBRID), context.environment()).summary())
        .contains("hybrid", "legacy");
    assertThat(restoreMode.effect()).isEqualTo(StepPlan.Effect.CHANGES);
    assertThat(measure.plan(input(), context.environment()).expected()).isEqualTo(input().window());
    assertThat(target.state()).doesNotExist();
  }

  private static MeasureQueries.Input input() {
    return new MeasureQueries.Input(STORE, Duration.ofMillis(200), Duration.ofMillis(2));
  }

  @Test
  void measurement_asksBothSidesForTheSame() throws Exception {
    context.run(switchMode, to(QueryMode.HYBRID));
    MeasureQueries.Result result = context.run(measure, input());
    assertThat(result.complete()).as(result.missing()).isTrue();
    assertThat(result.calls()).isPositive();
    assertThat(result.errorRate()).isZero();
    assertThat(result.fallbackRate()).isZero();
    assertThat(result.missRate()).isZero();
    assertThat(result.slowdown()).isEqualTo(result.p95New() / result.p95Legacy());
    assertThat(result.newHealthy()).isTrue();
    assertThat(result.legacyHealthy()).isTrue();
    assertThat(context.samples()).extracting(sample -> sample.subject()).contains("candidate");
  }

  @Test
  void documentThatOnlyTheLegacyFilesHave_isAFallBack_andAMissWithoutThem() throws Exception {
    write("application.db", "{\"_collection\":\"users\",\"_id\":\"a\"}\n");
    context.run(switchMode, to(QueryMode.HYBRID));
    assertThat(context.run(measure, input()).fallbackRate()).isPositive();
    context.run(switchMode, to(QueryMode.NEW));
    MeasureQueries.Result result = context.run(measure, input());
    assertThat(result.fallbackRate()).isZero();
    assertThat(result.missRate()).isPositive();
  }

  @Test
  void nothingToMeasure_isAbsent_notGood() throws Exception {
    for (String file : new String[] {"admin-users.db", "users.db", "admin.db", "application.db"}) {
      Files.delete(directory.resolve(file));
    }
    MeasureQueries.Result result = context.run(measure, input());
    assertThat(result.complete()).isFalse();
    assertThat(result.calls()).isZero();
    assertThat(result.errorRate()).isNull();
    assertThat(result.p95New()).isNull();
    assertThat(result.slowdown()).isNull();
    assertThat(result.newHealthy()).isFalse();
    assertThat(result.missing()).contains("p95New", "slowdown", "errorRate");
  }

  @Test
  void newFilesGone_areErrorsOfTheMeasurement() throws Exception {
    context.run(switchMode, to(QueryMode.NEW));
    Files.delete(directory.resolve("application.db"));
    Files.delete(directory.resolve("admin.db"));
    MeasureQueries.Result result = context.run(measure, input());
    assertThat(result.errorRate()).isEqualTo(1.0);
    assertThat(result.complete()).isFalse();
    assertThat(result.missing()).contains("p95New", "last failure");
  }
}
