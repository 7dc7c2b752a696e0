package io.belay.matrix;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.matrix.RunbookModel.Step;
import io.belay.matrix.RunbookModel.Wait;
import io.belay.playground.Fault;
import io.belay.playground.PlaygroundRunbook;
import io.belay.playground.PlaygroundRunbook.Break;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * The ways through a runbook that together reach its steps, made from its start form: each choice
 * takes each of its values in some way, durations are short, deadlines are as they are.
 */
final class Scenarios {

  private static final Path FORMS = Path.of("processes/forms");

  private final RunbookModel model;
  private final List<JsonNode> fields = new ArrayList<>();
  private final EarlierRun earlier;

  Scenarios(RunbookModel model) {
    this.model = model;
    this.earlier = EarlierRun.of(model).orElse(null);
    collect(form(model.startForm()));
  }

  private static JsonNode form(String name) {
    try {
      return new ObjectMapper().readTree(FORMS.resolve(name + ".form").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a form lets a person choose. */
  static boolean offersChoice(String form) {
    return form(form).findValues("values").stream().anyMatch(values -> values.size() > 1);
  }

  private void collect(JsonNode parent) {
    for (JsonNode component : parent.path("components")) {
      if (component.path("properties").has("type")) {
        fields.add(component);
      }
      collect(component);
    }
  }

  /** The ways down first, since most steps are on them. */
  List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    model
        .lastAbortableWait()
        .map(Wait::activityId)
        // An approval waits before anything is changed: nothing would be taken back.
        .filter(wait -> !wait.equals("Task_Approve"))
        .or(() -> model.lastAbortableStep().map(Step::activityId))
        .ifPresent(
            last -> {
              for (int i = 0; i < variants(); i++) {
                all.add(scenario("back", i, last, Map.of(), null));
              }
            });
    PlaygroundRunbook.find(model.id()).stream()
        .flatMap(runbook -> runbook.breaks().stream().map(broken -> failing(runbook, broken)))
        .flatMap(Optional::stream)
        .forEach(all::add);
    all.add(scenario("through", 0, null, Map.of(), null));
    return all;
  }

  /** What is broken before the run begins. */
  private Optional<Scenario> failing(PlaygroundRunbook runbook, Break broken) {
    if (!broken.after().isEmpty() || broken.fault() == null) {
      return Optional.empty();
    }
    Map<String, Object> over = new LinkedHashMap<>(runbook.strict());
    over.putAll(broken.parameters());
    String phase = broken.phase().replace("Phase_", "");
    return Optional.of(scenario("back, " + phase + " fails", 0, null, over, broken.fault()));
  }

  /** The ways to the end that nobody disturbs. */
  List<Scenario> through() {
    List<Scenario> all = new ArrayList<>();
    for (int i = 0; i < variants(); i++) {
      all.add(scenario("through", i, null, Map.of(), null));
    }
    return all;
  }

  private Scenario scenario(
      String how, int variant, String abortAt, Map<String, Object> over, Fault fault) {
    Map<String, Object> parameters = parameters(variant);
    parameters.putAll(over);
    return new Scenario(
        model.id(),
        how + name(variant),
        parameters,
        earlier,
        abortAt,
        fault,
        parameters.containsValue("RESTORE") && abortAt != null);
  }

  private String name(int variant) {
    StringJoiner chosen = new StringJoiner(", ", " (", ")").setEmptyValue("");
    fields.stream()
        .filter(Scenarios::isChoice)
        .forEach(field -> chosen.add(choice(field, variant)));
    return chosen.toString();
  }

  private int variants() {
    return fields.stream()
        .filter(Scenarios::isChoice)
        .mapToInt(field -> field.path("values").size())
        .max()
        .orElse(1);
  }

  /** Parameters that make a run quick. */
  Map<String, Object> parameters(int variant) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    for (JsonNode field : fields) {
      String name = field.path("key").asText();
      switch (field.path("properties").path("type").asText()) {
        case "environment" -> parameters.put(name, environment());
        case "choice" -> parameters.put(name, choice(field, variant));
        case "weights" -> parameters.put(name, "50,100");
        case "duration" -> {
          // A deadline or an expiry must not pass by itself.
          if (!name.matches(".*(Deadline|Expiry)")) {
            parameters.put(name, "2s");
          }
        }
        case "integer" -> {
          // A busy machine may be slow for minutes; that must not decide.
          if (name.toLowerCase().endsWith("allowedfailures")) {
            parameters.put(name, 100);
          }
        }
        default -> {
          // its default will do
        }
      }
    }
    return parameters;
  }

  private String environment() {
    return PlaygroundRunbook.find(model.id())
        .map(runbook -> runbook.quick().get("environment"))
        .map(String.class::cast)
        .orElse("playground");
  }

  private static boolean isChoice(JsonNode field) {
    return field.path("properties").path("type").asText().equals("choice");
  }

  private static String choice(JsonNode field, int variant) {
    JsonNode values = field.path("values");
    return values.get(variant % values.size()).path("value").asText();
  }
}
