package io.belay.engine.law;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.engine.law.PhaseVerdicts.NotPassed;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.step.StepCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who answers for what a gate or a called phase said, and for how much. */
class PhaseVerdictsTest {

  private static final String RUN = "run";

  private final Journal journal = mock(Journal.class);
  private final RunRecords runs = mock(RunRecords.class);
  private final StepPlaces places = mock(StepPlaces.class);
  private final PhaseVerdicts verdicts =
      new PhaseVerdicts(journal, runs, mock(StepCatalog.class), places);
  private final List<JournalEntry> entries = new ArrayList<>();

  @BeforeEach
  void journal() {
    RunRecord run =
        new RunRecord(RUN, "r-1", "runbook", "d", "test", "olga", null, null, null, null, 0);
    when(runs.find(RUN)).thenReturn(Optional.of(run));
    when(places.answeredBy(run, "Task_FinishSecond")).thenReturn(Set.of("Phase_Second"));
    when(journal.entries(any(String.class), any(Kind.class)))
        .thenAnswer(
            asked ->
                entries.stream().filter(entry -> entry.kind() == asked.getArgument(1)).toList());
  }

  private void ended(String caller, String activity, String outcome) {
    ObjectNode payload =
        JsonNodeFactory.instance
            .objectNode()
            .put(PhaseVerdicts.OUTCOME, outcome)
            .put(PhaseVerdicts.CALLER, caller)
            .put(PhaseVerdicts.CALLED_BY, activity);
    add(JournalEntry.of(RUN, Kind.PHASE_ENDED, outcome).at("phase", null).with(payload));
  }

  private void completed(String instance, String task) {
    add(JournalEntry.of(RUN, Kind.TASK_COMPLETED, task).at(instance, task));
  }

  private void add(JournalEntry entry) {
    entries.add(
        new JournalEntry(
            entries.size() + 1,
            entry.runId(),
            null,
            entry.kind(),
            entry.instanceId(),
            entry.activityId(),
            null,
            null,
            null,
            entry.text(),
            entry.payload()));
  }

  private List<String> notPassed() {
    return verdicts.notPassed(RUN).stream().map(NotPassed::activity).toList();
  }

  @Test
  void taskBehindTheNo_answersForThatPhase_andForNoOther() {
    ended(RUN, "Phase_First", "failed");
    ended(RUN, "Phase_Second", "failed");
    completed(RUN, "Task_FinishSecond");

    assertThat(notPassed()).containsExactly("Phase_First");
  }

  @Test
  void anyOtherTask_answersForNothing() {
    ended(RUN, "Phase_First", "failed");
    completed(RUN, "Task_Announce");
    completed("phase", "Task_FinishSecond");

    assertThat(notPassed()).containsExactly("Phase_First");
  }

  @Test
  void answer_isForWhatWasSaidBeforeIt() {
    completed(RUN, "Task_FinishSecond");
    ended(RUN, "Phase_Second", "failed");

    assertThat(notPassed()).containsExactly("Phase_Second");
  }

  @Test
  void administratorWhoMovesTheRun_answersForAllBefore() {
    ended(RUN, "Phase_First", "failed");
    add(JournalEntry.of(RUN, Kind.INTERVENTION, "moved"));
    ended(RUN, "Phase_Second", "cancelled");
    assertThat(notPassed()).isEmpty();

    ended(RUN, "Phase_Second", "failed");
    assertThat(notPassed()).containsExactly("Phase_Second");
  }

  @Test
  void callsOfAPhase_areThoseOfThatInstance() {
    ended("phase", "Phase_Gate", "failed");
    ended("other", "Phase_Gate", "passed");
    completed("phase", "Task_FinishSecond");

    assertThat(verdicts.callsNotPassed(RUN, "phase"))
        .extracting(NotPassed::activity, NotPassed::verdict)
        .containsExactly(tuple("Phase_Gate", "failed"));
    assertThat(verdicts.callsNotPassed(RUN, "other")).isEmpty();
    assertThat(notPassed()).isEmpty();

    ended("phase", "Phase_Gate", "passed");
    assertThat(verdicts.callsNotPassed(RUN, "phase")).isEmpty();
  }
}
