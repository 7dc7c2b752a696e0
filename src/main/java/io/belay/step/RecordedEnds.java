package io.belay.step;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.target.FormerName;
import io.belay.target.StrictJson;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/** How executions of steps have ended, as the journal says: the engine is told nothing else. */
@Component
@Profile("!agent")
public class RecordedEnds {

  private final Journal journal;
  private final StepCatalog steps;
  private final StepRecords records;
  private final StepValues values;

  RecordedEnds(Journal journal, StepCatalog steps, StepRecords records, StepValues values) {
    this.journal = journal;
    this.steps = steps;
    this.records = records;
    this.values = values;
  }

  /** The entry that ends an execution for good; later entries do not change its end. */
  static Optional<JournalEntry> in(List<JournalEntry> past) {
    return past.stream()
        .filter(
            entry ->
                switch (entry.kind()) {
                  case RESULT, BUSINESS_STOP, SKIP_REQUESTED -> true;
                  default -> false;
                })
        .findFirst();
  }

  /**
   * The variables that the execution's result becomes, by name. A value is null where the result
   * has none; all are null when a person overrode the step. Empty when there is no result.
   *
   * @throws IllegalArgumentException when this Belay cannot read it
   */
  public Optional<Map<String, Object>> result(String key) {
    return in(journal.ofStepKey(key))
        .filter(entry -> entry.kind() != Kind.BUSINESS_STOP)
        .map(
            entry ->
                entry.kind() == Kind.SKIP_REQUESTED
                    ? StepValues.absent(type(entry.step()))
                    : variables(entry.step(), entry.payload()));
  }

  /** Why the execution stopped the run; empty when it did not. */
  public Optional<String> stop(String key) {
    return in(journal.ofStepKey(key))
        .filter(entry -> entry.kind() == Kind.BUSINESS_STOP)
        .map(entry -> entry.text() == null ? "" : entry.text());
  }

  /**
   * The present name of a variable of the execution's result. An agent of an earlier version uses
   * an earlier name.
   */
  public String presentName(String key, String variable) {
    return in(journal.ofStepKey(key)).stream()
        .flatMap(entry -> Stream.of(type(entry.step()).getRecordComponents()))
        .filter(component -> formerNames(component).contains(variable))
        .map(RecordComponent::getName)
        .findFirst()
        .orElse(variable);
  }

  private static List<String> formerNames(RecordComponent component) {
    FormerName former = component.getAnnotation(FormerName.class);
    return former == null ? List.of() : List.of(former.value());
  }

  /**
   * @throws IllegalArgumentException unless {@code payload} is a result of that step, and its
   *     values can be variables
   */
  void requireResult(String step, JsonNode payload) {
    variables(step, payload);
  }

  private Map<String, Object> variables(String step, JsonNode payload) {
    if (payload == null || !payload.isObject()) {
      throw new IllegalArgumentException("payload: a result is an object");
    }
    try {
      return values.variables(records.read(payload, type(step)));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "payload: not a result of %s: %s".formatted(step, StrictJson.describe(e)), e);
    } catch (IllegalStateException noVariables) {
      throw new IllegalArgumentException("payload: " + noVariables.getMessage(), noVariables);
    }
  }

  private Class<? extends Record> type(String step) {
    return steps.find(step).orElseThrow().resultType();
  }
}
