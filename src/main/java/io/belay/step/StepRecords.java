package io.belay.step;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.target.StrictJson;
import org.springframework.stereotype.Component;

/**
 * Inputs, results and checkpoints as the journal keeps them: with the version of their type, and
 * read strictly ({@link StrictJson}). Entries of Belay 0.1 have no version and count as version 1.
 */
@Component
class StepRecords {

  private final ObjectMapper json;
  private final ObjectMapper strict;
  private final StepCatalog steps;

  StepRecords(ObjectMapper json, StepCatalog steps) {
    this.json = json;
    this.strict = StrictJson.over(json);
    this.steps = steps;
  }

  StepCatalog steps() {
    return steps;
  }

  /** A value as the journal keeps it; a record gets its type's version. */
  JsonNode write(Object value) {
    JsonNode tree = json.valueToTree(value);
    if (value instanceof Record && tree instanceof ObjectNode object) {
      object.put(JournalEntry.VERSION, version(value.getClass()));
    }
    return tree;
  }

  /** A checkpoint's payload. */
  JsonNode checkpoint(String name, Object value) {
    ObjectNode payload = json.createObjectNode().put("name", name);
    payload.set("value", write(value));
    return payload;
  }

  JsonNode plain(Object value) {
    return json.valueToTree(value);
  }

  /**
   * @throws UnreadableRecord unless the value is exactly of that type
   */
  <T> T read(JournalEntry entry, JsonNode value, Class<T> type, String run) {
    try {
      return read(value, type);
    } catch (JsonProcessingException e) {
      throw unreadable(entry, run, StrictJson.describe(e));
    }
  }

  /**
   * @throws JsonProcessingException unless the value is exactly of that type
   */
  <T> T read(JsonNode value, Class<T> type) throws JsonProcessingException {
    if (value == null || value.isMissingNode() || value.isNull()) {
      throw new Unreadable("there is no value");
    }
    JsonNode plain = value;
    if (type.isRecord() && value instanceof ObjectNode object) {
      requireReadable(object.path(JournalEntry.VERSION), type);
      plain = object.deepCopy().without(JournalEntry.VERSION);
    }
    return strict.treeToValue(plain, type);
  }

  private static void requireReadable(JsonNode found, Class<?> type) throws Unreadable {
    if (found.isMissingNode()) {
      return;
    }
    if (!found.isInt()) {
      throw new Unreadable("its version '%s' is no number".formatted(found.asText()));
    }
    int known = version(type);
    if (found.intValue() > known) {
      throw new Unreadable(
          "it has version %d, and this Belay knows version %d".formatted(found.intValue(), known));
    }
  }

  private static int version(Class<?> type) {
    RecordVersion version = type.getAnnotation(RecordVersion.class);
    return version == null ? 1 : version.value();
  }

  /**
   * @throws IllegalStateException when that step does not declare such a checkpoint
   */
  void requireDeclared(String step, String checkpoint) {
    if (steps.checkpoint(step, checkpoint).isEmpty()) {
      throw new IllegalStateException(
          "%s declares no @Checkpoint '%s'".formatted(step, checkpoint));
    }
  }

  /** Whether the entry is the named checkpoint of that step, by its present or a former name. */
  boolean isCheckpoint(JournalEntry entry, String step, String name, String run) {
    if (entry.kind() != Kind.CHECKPOINT) {
      return false;
    }
    String found = entry.payload() == null ? null : entry.payload().path("name").textValue();
    if (found == null) {
      throw unreadable(entry, run, "'name' is absent");
    }
    Checkpoint declared =
        steps
            .checkpoint(step, found)
            .orElseThrow(
                () -> unreadable(entry, run, "%s knows no such checkpoint".formatted(step)));
    return declared.name().equals(name);
  }

  private static UnreadableRecord unreadable(JournalEntry entry, String run, String why) {
    String what =
        switch (entry.kind()) {
          case INTENT -> "the input";
          case RESULT -> "the result";
          case CHECKPOINT -> "checkpoint '%s'".formatted(entry.text());
          default -> "the entry " + entry.kind();
        };
    return new UnreadableRecord(
        run, "%s of %s (%s)".formatted(what, entry.activityId(), entry.step()), why);
  }

  private static final class Unreadable extends JsonProcessingException {
    private static final long serialVersionUID = 1;

    Unreadable(String message) {
      super(message);
    }
  }
}
