package io.belay.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.model.RunbookOutline.PhaseOutline;
import io.belay.model.RunbookOutline.TaskOutline;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.junit.jupiter.api.Test;

/** What an outline knows of the steps inside phases, and of the parts that these call. */
class OutlineOfCallsTest {

  private final Map<String, String> models = new HashMap<>();

  private static String call(String id, String called, String passed) {
    return """
        <callActivity id="%s" name="%s" calledElement="%s"><extensionElements>%s</extensionElements></callActivity>"""
        .formatted(id, id, called, passed);
  }

  private static String step(String id, String step, String mappings) {
    return """
        <serviceTask id="%s" name="%s" camunda:delegateExpression="${%s}"><extensionElements>
          <camunda:inputOutput>%s</camunda:inputOutput></extensionElements></serviceTask>"""
        .formatted(id, id, step, mappings);
  }

  private static String in(String name, String value) {
    return "<camunda:inputParameter name=\"%s\">%s</camunda:inputParameter>".formatted(name, value);
  }

  private static String field(String name, String type, String defaultValue) {
    return """
        <camunda:formField id="%s" label="%s" type="string" %s>
          <camunda:properties><camunda:property id="type" value="%s" /></camunda:properties>
        </camunda:formField>"""
        .formatted(
            name, name, defaultValue == null ? "" : "defaultValue=\"" + defaultValue + "\"", type);
  }

  /** A process that goes through these elements one after the other. */
  private void process(String id, String fields, String... elements) {
    StringBuilder flows = new StringBuilder();
    String last = "Start";
    for (String element : elements) {
      String next = element.replaceAll("(?s).*?id=\"([^\"]*)\".*", "$1");
      flows.append(
          "<sequenceFlow id=\"F_%s\" sourceRef=\"%s\" targetRef=\"%s\" />"
              .formatted(next, last, next));
      last = next;
    }
    models.put(
        id,
        """
        <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"
            xmlns:camunda="http://camunda.org/schema/1.0/bpmn">
          <process id="%s" isExecutable="true">
            <startEvent id="Start">%s</startEvent>
            %s
            %s
          </process>
        </definitions>"""
            .formatted(
                id,
                fields == null
                    ? ""
                    : "<extensionElements><camunda:formData>%s</camunda:formData></extensionElements>"
                        .formatted(fields),
                String.join("", elements),
                flows));
  }

  private BpmnModelInstance model(String id) {
    return Bpmn.readModelFromStream(
        new ByteArrayInputStream(models.get(id).getBytes(StandardCharsets.UTF_8)));
  }

  private PhaseOutline outline(Map<String, Object> parameters) {
    OutlineReader.Source source =
        new OutlineReader.Source() {
          @Override
          public BpmnModelInstance called(String process) {
            return model(process);
          }

          @Override
          public Map<String, String> items(ServiceTask task) {
            return OutlineReader.step(task).equals("nextItem") ? Map.of("item", "items") : Map.of();
          }

          @Override
          public String asked(String table) {
            return table.equals("my-gate") ? "errors,p95Ms" : null;
          }
        };
    return new OutlineReader(source, parameters).read(model("runbook")).forward().get(0);
  }

  @Test
  void valuesAndParameters_reachTheStepsOfAPart() {
    process(
        "runbook",
        null,
        call(
            "Phase_A",
            "phase",
            "<camunda:in sourceExpression=\"orders\" target=\"store\" />"
                + "<camunda:in source=\"keep\" target=\"wait\" />"));
    process(
        "phase",
        field("store", "target", null) + field("wait", "duration", null),
        call(
            "Phase_Part",
            "part",
            "<camunda:in source=\"store\" target=\"from\" />"
                + "<camunda:in sourceExpression=\"${wait}\" target=\"window\" />"
                + "<camunda:in source=\"measured\" target=\"number\" />"));
    process(
        "part",
        field("from", "target", null)
            + field("window", "duration", null)
            + field("number", "decimal", null)
            + field("table", "decision", "my-gate"),
        step(
            "Task_Look",
            "look",
            in("store", "${from}")
                + in("window", "${window}")
                + in("text", "${from} for ${window}")
                + in("figures", "${table.inputs}")
                + in("number", "${number}")
                + in("keep", "${keep}")));

    PhaseOutline phase = outline(Map.of("keep", "2h"));

    assertThat(phase.problems()).isEmpty();
    TaskOutline look = phase.tasks().get(0);
    assertThat(look.inputs())
        .containsEntry("store", "orders")
        .containsEntry("window", "PT2H")
        .containsEntry("text", "orders for PT2H")
        .containsEntry("figures", "errors,p95Ms")
        .containsEntry("number", null) // the phase measures it
        .containsEntry("keep", null); // the runbook's, and not passed on
  }

  @Test
  void loopOverItems_isPlannedItemByItem() {
    process(
        "runbook",
        null,
        call("Phase_A", "phase", "<camunda:in sourceExpression=\"a, b\" target=\"stores\" />"));
    process(
        "phase",
        field("stores", "targets", null),
        step(
            "Task_Next",
            "nextItem",
            in("items", "${stores}")
                + "<camunda:outputParameter name=\"store\">${item}</camunda:outputParameter>"),
        step("Task_Save", "save", in("store", "${store}")));

    assertThat(outline(Map.of()).tasks())
        .filteredOn(task -> task.step().equals("save"))
        .extracting(task -> task.inputs().get("store"))
        .isEqualTo(List.of("a", "b"));
  }

  @Test
  void valueThatBreaksARule_isAProblem() {
    process(
        "runbook",
        null,
        call("Phase_A", "phase", "<camunda:in source=\"store\" target=\"store\" />"));
    process(
        "phase",
        field("store", "target", null),
        step("Task_Save", "save", in("store", "${store}")));

    PhaseOutline phase = outline(Map.of("store", "a b"));

    assertThat(phase.problems())
        .singleElement()
        .asString()
        .contains("input 'store' must be the name of a target");
  }
}
