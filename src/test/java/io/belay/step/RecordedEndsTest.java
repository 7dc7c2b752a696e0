package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.step.StepWorld.ChangeThings;
import io.belay.target.FormerName;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the journal says of the ends of steps. */
class RecordedEndsTest {

  private static final String KEY = "key-of-an-execution";

  private final ObjectMapper json =
      JsonMapper.builder()
          .findAndAddModules()
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .build();
  private final Journal journal = mock(Journal.class);
  private final StepValues values = new StepValues(null);
  private final StepCatalog steps =
      new StepCatalog(List.of(new ChangeThings(), new NameThings()), values);
  private final StepRecords records = new StepRecords(json, steps);
  private final RecordedEnds ends = new RecordedEnds(journal, steps, records, values);

  record Named(@FormerName("file") String artifact) {}

  static class NameThings extends StepDelegate<ChangeThings.Input, Named> {

    NameThings() {
      super(ChangeThings.Input.class, Named.class);
    }

    @Override
    public Named perform(ChangeThings.Input input, StepContext context) {
      return new Named("a");
    }

    @Override
    public StepPlan plan(ChangeThings.Input input, io.belay.target.Environment environment) {
      return StepPlan.changes("database", "names");
    }
  }

  private JournalEntry entry(Kind kind, String text, JsonNode payload) {
    return JournalEntry.of("run", kind, text).ofStep("changeThings", KEY).with(payload);
  }

  private void journalHas(JournalEntry... entries) {
    when(journal.ofStepKey(KEY)).thenReturn(List.of(entries));
  }

  @Test
  void result_isTheVariablesThatTheStepItselfWouldLeave() {
    journalHas(
        entry(Kind.INTENT, "attempt 1", null),
        entry(Kind.RESULT, "done", records.write(ChangeThings.DONE)));

    assertThat(ends.result(KEY))
        .contains(Map.of("verdict", "PASS", "reason", "fine", "changed", 3L, "took", "PT2S"));
    assertThat(ends.stop(KEY)).isEmpty();
  }

  @Test
  void firstEnd_counts() {
    journalHas(
        entry(Kind.BUSINESS_STOP, "no way", null),
        entry(Kind.RESULT, "done", records.write(ChangeThings.DONE)));

    assertThat(ends.result(KEY)).isEmpty();
    assertThat(ends.stop(KEY)).contains("no way");
  }

  @Test
  void attemptThatDidNotEnd_hasNone() {
    journalHas(entry(Kind.INTENT, "attempt 1", null), entry(Kind.FAILURE, "broken", null));

    assertThat(ends.result(KEY)).isEmpty();
    assertThat(ends.stop(KEY)).isEmpty();
  }

  @Test
  void overriddenStep_hasNoValues() {
    journalHas(entry(Kind.SKIP_REQUESTED, "done by hand", null));

    assertThat(ends.result(KEY).orElseThrow())
        .containsOnlyKeys("verdict", "reason", "changed", "took")
        .allSatisfy((name, value) -> assertThat(value).isNull());
  }

  @Test
  void formerName_isOneOfThePresent() {
    journalHas(
        JournalEntry.of("run", Kind.RESULT, "done")
            .ofStep("nameThings", KEY)
            .with(json.createObjectNode().put("file", "a.zip")));

    assertThat(ends.result(KEY)).contains(Map.of("artifact", "a.zip"));
    assertThat(ends.presentName(KEY, "file")).isEqualTo("artifact");
    assertThat(ends.presentName(KEY, "other")).isEqualTo("other");
  }

  @Test
  void resultThatCannotBecomeVariables_isNone() {
    JsonNode tooLong = json.createObjectNode().put("artifact", "a".repeat(5000));

    assertThatThrownBy(() -> ends.requireResult("nameThings", tooLong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("5000 characters");
    assertThatThrownBy(() -> ends.requireResult("nameThings", null))
        .hasMessage("payload: a result is an object");
  }
}
