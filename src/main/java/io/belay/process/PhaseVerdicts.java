package io.belay.process;

import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.step.StepCatalog;
import io.belay.step.Verdict;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * What the checks and gates of a phase said last. A model may ask an older verdict, or none; the
 * journal knows them all.
 */
@Component
class PhaseVerdicts {

  private static final String PASS = "PASS";

  private static final List<Kind> TELLING =
      List.of(Kind.INTENT, Kind.RESULT, Kind.GATE, Kind.PHASE_ENDED);

  /** Fields of what a phase's end leaves in the journal. */
  static final String OUTCOME = "outcome";

  static final String CALLER = "caller";
  static final String CALLED_BY = "calledBy";

  private final Journal journal;
  private final StepCatalog steps;

  PhaseVerdicts(Journal journal, StepCatalog steps) {
    this.journal = journal;
    this.steps = steps;
  }

  /**
   * @param activity id of the check, the gate or the called phase
   * @param verdict what it said last; never PASS
   */
  record NotPassed(String activity, String verdict, String reason) {}

  /** A check, gate or called phase of that instance that did not pass last; empty if all did. */
  Optional<NotPassed> notPassed(String runId, String instanceId) {
    Map<String, NotPassed> last = new TreeMap<>();
    TELLING.stream()
        .flatMap(kind -> journal.entries(runId, kind).stream())
        .sorted(Comparator.comparingLong(JournalEntry::id))
        .flatMap(entry -> toldBy(entry, instanceId))
        .forEach(said -> last.put(said.activity(), said));
    return last.values().stream().filter(said -> !PASS.equals(said.verdict())).findFirst();
  }

  private Stream<NotPassed> toldBy(JournalEntry entry, String instanceId) {
    if (entry.kind() == Kind.PHASE_ENDED) {
      return ofCalled(entry, instanceId);
    }
    if (!instanceId.equals(entry.instanceId())) {
      return Stream.empty();
    }
    if (entry.kind() == Kind.GATE) {
      return Stream.of(said(entry, entry.payload().path("verdict").asText("NO_DATA")));
    }
    return verdictOf(entry.step())
        .map(
            name ->
                entry.kind() == Kind.INTENT
                    ? said(entry, "nothing") // until its result comes, if it comes
                    : said(entry, entry.payload().path(name).asText("NO_DATA")))
        .stream();
  }

  private static NotPassed said(JournalEntry entry, String verdict) {
    String reason = entry.payload() == null ? "" : entry.payload().path("reason").asText("");
    return new NotPassed(entry.activityId(), verdict, reason);
  }

  private static Stream<NotPassed> ofCalled(JournalEntry entry, String instanceId) {
    if (entry.payload() == null || !instanceId.equals(entry.payload().path(CALLER).asText())) {
      return Stream.empty();
    }
    String outcome = entry.payload().path(OUTCOME).asText();
    return Stream.of(
        new NotPassed(
            entry.payload().path(CALLED_BY).asText(),
            List.of("passed", "undone").contains(outcome) ? PASS : outcome,
            entry.text()));
  }

  private Optional<String> verdictOf(String step) {
    return steps.find(step).flatMap(delegate -> Verdict.componentOf(delegate.resultType()));
  }
}
