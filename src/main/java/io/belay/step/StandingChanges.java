package io.belay.step;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.step.StepPlan.Effect;
import io.belay.target.Environment;
import io.belay.target.Environments;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;

/**
 * The changes of a run that still stand: all that its journal does not prove taken back. An
 * execution of a step that changes something stands from its intent on, until an undo that {@link
 * Undoes} it, and by its input was to take it back, has recorded, after the execution's last sign
 * of life, that nothing of it stands; or until a person overrides the undo that was to take back
 * this very execution.
 */
@Component
@Profile("!agent")
public class StandingChanges {

  /** Field of a {@code TAKEN_BACK} entry's payload: the keys of the executions. */
  static final String EXECUTIONS = "executions";

  private static final Logger log = LoggerFactory.getLogger(StandingChanges.class);

  private final Journal journal;
  private final RunRecords runs;
  private final StepCatalog steps;
  private final StepRecords records;
  private final Environments environments;

  StandingChanges(
      Journal journal,
      RunRecords runs,
      StepCatalog steps,
      StepRecords records,
      Environments environments) {
    this.journal = journal;
    this.runs = runs;
    this.steps = steps;
    this.records = records;
    this.environments = environments;
  }

  /**
   * One execution whose change stands.
   *
   * @param instanceId process instance of its phase; may be null
   * @param key of the execution
   * @param input {@code service v2, …}
   * @param temporary whether its input says so: it must be taken back even when the run completes
   * @param why one clause for people
   */
  public record Standing(
      String step,
      String activityId,
      String instanceId,
      String key,
      String input,
      boolean temporary,
      String why) {}

  /** Name of the input that marks one execution's change as temporary. */
  static final String TEMPORARY = "temporary";

  /**
   * @param standing in the order in which the executions began
   * @param byHand whether a person did or took back at least one of the others by hand
   */
  public record Balance(List<Standing> standing, boolean byHand) {}

  /** Reads the journal as it is now. */
  public Balance of(String runId) {
    return new OfRun(runId).balance();
  }

  private final class OfRun {

    private final String runId;
    private final String runName;
    private final Map<String, JournalEntry> begun = new LinkedHashMap<>();
    private final List<JournalEntry> takenBack;
    private final List<JournalEntry> overrides;
    private final Supplier<Environment> environment;

    OfRun(String runId) {
      this.runId = runId;
      RunRecords.RunRecord run = runs.find(runId).orElseThrow();
      runName = run.name();
      environment = SingletonSupplier.of(() -> environments.load(run.environment()));
      journal
          .entries(runId, Kind.INTENT)
          .forEach(intent -> begun.putIfAbsent(intent.stepKey(), intent));
      takenBack = journal.entries(runId, Kind.TAKEN_BACK);
      overrides = journal.entries(runId, Kind.SKIP_REQUESTED);
    }

    Balance balance() {
      List<Standing> standing = new ArrayList<>();
      boolean byHand = false;
      for (JournalEntry intent : begun.values()) {
        if (changes(intent.step())) {
          boolean overridden = overrideOf(intent.stepKey()).isPresent();
          Change change = new Change(intent);
          if (change.isTakenBack()) {
            byHand |= overridden;
          } else if (change.isOverridden()) {
            byHand = true;
          } else {
            standing.add(change.standing());
          }
        }
      }
      // Overridden before they began: the journal has nothing that an undo could find.
      overrides.stream()
          .filter(override -> override.step() != null && !begun.containsKey(override.stepKey()))
          .filter(override -> changes(override.step()))
          .map(override -> standing(override, "", false, byHand(override)))
          .forEach(standing::add);
      return new Balance(List.copyOf(standing), byHand);
    }

    /** Whether executions of that step have to be taken back; true for an unknown step. */
    private boolean changes(String step) {
      return steps.find(step).map(StepCatalog::changes).orElse(true);
    }

    private Optional<JournalEntry> overrideOf(String key) {
      return overrides.stream().filter(override -> key.equals(override.stepKey())).findFirst();
    }

    private static String byHand(JournalEntry override) {
      return "%s did it by hand: %s".formatted(override.actor(), override.text());
    }

    private static Standing standing(JournalEntry of, String input, boolean temporary, String why) {
      return new Standing(
          of.step(), of.activityId(), of.instanceId(), of.stepKey(), input, temporary, why);
    }

    /** One execution of a step that changes something. */
    private final class Change {

      private final JournalEntry intent;
      private final Optional<StepDelegate<?, ?>> step;
      private final JournaledStep past;
      private final long lastSign;

      Change(JournalEntry intent) {
        this.intent = intent;
        step = steps.find(intent.step());
        String name = step.map(known -> StepNames.of(known.getClass())).orElse(intent.step());
        List<JournalEntry> entries =
            journal.ofStepKey(intent.stepKey()).stream()
                .filter(entry -> entry.kind() != Kind.SKIP_REQUESTED)
                .toList();
        past = new JournaledStep(name, entries, records, runName);
        lastSign = entries.get(entries.size() - 1).id();
      }

      boolean isTakenBack() {
        return takenBack.stream()
            .filter(entry -> entry.id() > lastSign && mayUndo(entry.step()))
            .filter(entry -> names(entry).anyMatch(past.key()::equals))
            .anyMatch(this::isForIt);
      }

      /**
       * Whether the undo, by its input, was to take back this execution: an agent, or a class of an
       * extension, may name any. A step that only observes proves what it found.
       */
      private boolean isForIt(JournalEntry entry) {
        JournalEntry begin = begun.get(entry.stepKey());
        return !(steps.find(entry.step()).orElseThrow() instanceof UndoDelegate<?, ?> undo)
            || begin != null && takesBack(undo, begin);
      }

      private static Stream<String> names(JournalEntry entry) {
        return entry.payload() == null
            ? Stream.empty()
            : StreamSupport.stream(entry.payload().path(EXECUTIONS).spliterator(), false)
                .map(JsonNode::asText);
      }

      private boolean mayUndo(String undo) {
        return steps.find(undo).stream()
            .anyMatch(known -> UndoDelegate.undoes(known).contains(past.step()));
      }

      boolean isOverridden() {
        return undos()
            .anyMatch(
                undo ->
                    overrideOf(undo.stepKey())
                        .filter(override -> override.id() > lastSign)
                        .isPresent());
      }

      /** The intents of the undos that were to take back this execution. */
      private Stream<JournalEntry> undos() {
        return begun.values().stream()
            .filter(undo -> mayUndo(undo.step()))
            .filter(
                undo ->
                    steps.find(undo.step()).orElseThrow() instanceof UndoDelegate<?, ?> to
                        && takesBack(to, undo));
      }

      private <I extends Record> boolean takesBack(UndoDelegate<I, ?> undo, JournalEntry begin) {
        try {
          I input = records.read(begin, begin.payload(), undo.inputType(), runName);
          return undo.takesBack(input, past, environment.get());
        } catch (RuntimeException unknown) {
          log.warn("{} is not known to take back {}", begin.activityId(), past.key(), unknown);
          return false;
        }
      }

      Standing standing() {
        JsonNode input = past.lastIntent().payload();
        return OfRun.standing(intent, describe(input), input.path(TEMPORARY).asBoolean(), why());
      }

      private String why() {
        if (step.isEmpty()) {
          return "this Belay has no such step, and cannot tell what it changed";
        }
        if (step.get().effect() == Effect.CANNOT_BE_UNDONE) {
          return "it cannot be undone";
        }
        return undos().anyMatch(this::endedUnrecorded)
            ? "its undo ran in an earlier version of Belay, which did not record what it took back"
            : "no undo recorded taking it back";
      }

      private boolean endedUnrecorded(JournalEntry undo) {
        List<JournalEntry> entries = journal.ofStepKey(undo.stepKey());
        return entries.stream().anyMatch(entry -> entry.kind() == Kind.RESULT)
            && entries.stream().noneMatch(entry -> entry.kind() == Kind.TAKEN_BACK);
      }
    }

    private static String describe(JsonNode input) {
      StringJoiner text = new StringJoiner(", ");
      input
          .properties()
          .forEach(
              value -> {
                if (value.getValue().isValueNode()
                    && !value.getKey().equals(JournalEntry.VERSION)) {
                  text.add(value.getKey() + " " + value.getValue().asText());
                }
              });
      return text.toString();
    }
  }
}
