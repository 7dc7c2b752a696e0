package io.belay.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.belay.model.ElementTemplates.Way;
import io.belay.model.lint.BoundInputs;
import io.belay.step.StepDelegate;
import io.belay.step.StepTypes;
import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.Process;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaInputOutput;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaInputParameter;
import org.junit.jupiter.api.Test;

/**
 * The element templates for Camunda Modeler are what the delegates and the phases say. After a
 * change of a delegate's input or result, or of a phase's inputs, {@code mvn test
 * -Dtest=ElementTemplatesTest -Dbelay.update=true} writes them anew.
 */
class ElementTemplatesTest {

  private static final Path FILE =
      ModelFiles.PROCESSES.resolve(".camunda/element-templates/belay.json");

  private final ObjectMapper json = new ObjectMapper();
  private final StepSentences sentences = new StepSentences();
  private final ElementTemplates templates = new ElementTemplates(sentences);

  @Test
  void committedTemplates_areWhatDelegatesAndPhasesSay() throws IOException {
    ArrayNode wanted = templates.of(StepTypes.all(), ElementTemplates.usedWays());
    wanted.addAll(new PhaseTemplates().all());
    if (Boolean.getBoolean("belay.update")) {
      Files.createDirectories(FILE.getParent());
      Files.writeString(
          FILE, json.writerWithDefaultPrettyPrinter().writeValueAsString(wanted) + "\n");
    }

    assertThat(json.readTree(FILE.toFile()))
        .as("written anew with -Dbelay.update=true")
        .isEqualTo(wanted);
  }

  /** What a form writes into the model is what the lint takes. */
  @Test
  void callOfAPhase_isAFormWithItsInputs() {
    BpmnModelInstance phase =
        Bpmn.readModelFromStream(
            new ByteArrayInputStream(
                """
                <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"
                    xmlns:camunda="http://camunda.org/schema/1.0/bpmn">
                  <process id="move-things" name="Move things" isExecutable="true">
                    <startEvent id="Start"><extensionElements><camunda:formData>
                      <camunda:formField id="store" label="Store" type="string">
                        <camunda:properties><camunda:property id="type" value="target:redis|postgres" /></camunda:properties>
                      </camunda:formField>
                      <camunda:formField id="note" label="Note" type="string" defaultValue="PT4H" />
                    </camunda:formData></extensionElements></startEvent>
                  </process>
                </definitions>"""
                    .getBytes(StandardCharsets.UTF_8)));

    JsonNode template =
        new PhaseTemplates()
            .template(
                phase.getModelElementsByType(Process.class).iterator().next(),
                PhaseInputs.of(phase).orElseThrow());

    assertThat(template.path("id").asText()).isEqualTo("io.belay.phase.move-things");
    assertThat(template.at("/properties/3/binding").toString())
        .isEqualTo("{\"type\":\"camunda:in\",\"target\":\"store\",\"expression\":true}");
    assertThat(template.at("/properties/3/constraints/notEmpty").asBoolean()).isTrue();
    assertThat("orders-db")
        .matches(template.at("/properties/3/constraints/pattern/value").asText());
    assertThat("${store}").matches(template.at("/properties/3/constraints/pattern/value").asText());
    assertThat("a b").doesNotMatch(template.at("/properties/3/constraints/pattern/value").asText());
    assertThat(template.at("/properties/4/value").asText()).isEqualTo("PT4H");
    assertThat(template.at("/properties/5/value").asText()).isEqualTo("moveThingsOutcome");
  }

  @Test
  void everySentence_belongsToAStepOrItsInput() {
    templates.of(StepTypes.all(), ElementTemplates.usedWays());

    assertThat(sentences.unused()).isEmpty();
  }

  @Test
  void stepThatNoModelUses_isOfferedInBothWays() {
    List<String> ids = new ArrayList<>();
    templates
        .of(StepTypes.all(), Map.of("shiftTraffic", Set.of(Way.JOB)))
        .forEach(template -> ids.add(template.path("id").asText()));

    assertThat(ids)
        .contains("io.belay.step.shiftTraffic.job")
        .doesNotContain("io.belay.step.shiftTraffic.worker")
        .contains("io.belay.step.applySchema.job", "io.belay.step.applySchema.worker");
  }

  /** A form must not offer what the lint would refuse afterwards. */
  @Test
  void defaults_areAcceptedByTheStep_andByTheFieldItself() {
    try (ValidatorFactory validators = Validation.buildDefaultValidatorFactory()) {
      var inputs = new BoundInputs(validators.getValidator());
      Map<String, JsonNode> byStep = byStep();
      for (StepDelegate<?, ?> step : StepTypes.idle()) {
        Map<String, Object> given = new TreeMap<>();
        for (JsonNode field : fields(byStep.get(nameOf(step)))) {
          String value = field.path("value").asText();
          boolean required = field.at("/constraints/notEmpty").asBoolean();
          if (!value.isEmpty() || required) {
            given.put(
                field.at("/binding/name").asText(),
                value.isEmpty() || value.startsWith("$") ? null : value);
          }
          if (!value.isEmpty()) {
            assertAccepted(field, value);
          }
        }
        assertThat(inputs.problem(step, given)).as(nameOf(step)).isEmpty();
      }
    }
  }

  @Test
  void everyValueInTheDeliveredModels_isAcceptedByItsField() {
    Map<String, JsonNode> byStep = byStep();
    List<CamundaInputParameter> checked = new ArrayList<>();
    for (String directory : List.of("runbooks", "phases")) {
      for (Path file : ModelFiles.in(directory)) {
        var model = Bpmn.readModelFromFile(file.toFile());
        for (ServiceTask task : model.getModelElementsByType(ServiceTask.class)) {
          String bean = task.getCamundaDelegateExpression();
          String step = bean == null ? task.getCamundaTopic() : bean.replaceAll("[${}]", "");
          for (JsonNode field : fields(byStep.get(step))) {
            task
                .getExtensionElements()
                .getElementsQuery()
                .filterByType(CamundaInputOutput.class)
                .list()
                .stream()
                .flatMap(io -> io.getCamundaInputParameters().stream())
                .filter(p -> p.getCamundaName().equals(field.at("/binding/name").asText()))
                .peek(checked::add)
                .forEach(p -> assertAccepted(field, p.getTextContent()));
          }
        }
      }
    }
    assertThat(checked).hasSizeGreaterThan(50);
  }

  @Test
  void labels_areReadable() {
    assertThat(ElementTemplates.label("TakePostgresBackup")).isEqualTo("Take PostgreSQL backup");
    assertThat(ElementTemplates.label("redisUp")).isEqualTo("Redis up");
    assertThat(ElementTemplates.label("errorRate5xx")).isEqualTo("Error rate 5xx");
  }

  private static void assertAccepted(JsonNode field, String value) {
    if (field.has("choices")) {
      List<String> choices = new ArrayList<>();
      field.path("choices").forEach(choice -> choices.add(choice.path("value").asText()));
      if (!value.startsWith("${")) {
        assertThat(choices).as("%s", field).contains(value);
      }
    }
    String pattern = field.at("/constraints/pattern/value").asText("");
    if (!pattern.isEmpty()) {
      assertThat(value).as("%s", field).matches(pattern);
    }
  }

  private Map<String, JsonNode> byStep() {
    Map<String, JsonNode> byStep = new TreeMap<>();
    templates
        .of(StepTypes.all(), ElementTemplates.usedWays())
        .forEach(template -> byStep.put(template.path("id").asText().split("\\.")[3], template));
    return byStep;
  }

  private static List<JsonNode> fields(JsonNode template) {
    List<JsonNode> fields = new ArrayList<>();
    template
        .path("properties")
        .forEach(
            property -> {
              if (property.at("/binding/type").asText().equals("camunda:inputParameter")) {
                fields.add(property);
              }
            });
    return fields;
  }

  private static String nameOf(StepDelegate<?, ?> step) {
    return ElementTemplates.name(step.getClass());
  }
}
