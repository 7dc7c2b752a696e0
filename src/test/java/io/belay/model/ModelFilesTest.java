package io.belay.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.Association;
import org.camunda.bpm.model.bpmn.instance.BoundaryEvent;
import org.camunda.bpm.model.bpmn.instance.BusinessRuleTask;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.FlowElement;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.Gateway;
import org.camunda.bpm.model.bpmn.instance.ParallelGateway;
import org.camunda.bpm.model.bpmn.instance.Process;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.SubProcess;
import org.camunda.bpm.model.bpmn.instance.UserTask;
import org.camunda.bpm.model.bpmn.instance.bpmndi.BpmnEdge;
import org.camunda.bpm.model.bpmn.instance.bpmndi.BpmnShape;
import org.camunda.bpm.model.dmn.Dmn;
import org.camunda.bpm.model.dmn.DmnModelInstance;
import org.camunda.bpm.model.dmn.HitPolicy;
import org.camunda.bpm.model.dmn.instance.Decision;
import org.camunda.bpm.model.dmn.instance.DecisionTable;
import org.camunda.bpm.model.dmn.instance.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files under processes/: valid, drawn completely, and with everything they refer to. */
class ModelFilesTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @MethodSource("processes")
  void process_isValidAndNamedLikeItsFile(Path file) {
    BpmnModelInstance model = read(file);
    Bpmn.validateModel(model);
    Process process = process(model);
    assertThat(process.getId()).isEqualTo(ModelFiles.nameOf(file));
    assertThat(process.isExecutable()).isTrue();
    assertThat(process.getCamundaHistoryTimeToLiveString()).isEqualTo("P365D");
  }

  @ParameterizedTest
  @MethodSource("processes")
  void process_isDrawnCompletely(Path file) {
    BpmnModelInstance model = read(file);
    Set<String> shapes =
        model.getModelElementsByType(BpmnShape.class).stream()
            .map(shape -> shape.getBpmnElement().getId())
            .collect(Collectors.toSet());
    Set<String> edges =
        model.getModelElementsByType(BpmnEdge.class).stream()
            .filter(edge -> edge.getWaypoints().size() >= 2)
            .map(edge -> edge.getBpmnElement().getId())
            .collect(Collectors.toSet());
    assertThat(shapes)
        .containsExactlyInAnyOrderElementsOf(ids(model.getModelElementsByType(FlowNode.class)));
    List<String> lines = ids(model.getModelElementsByType(SequenceFlow.class));
    model.getModelElementsByType(Association.class).forEach(line -> lines.add(line.getId()));
    assertThat(edges).containsExactlyInAnyOrderElementsOf(lines);
  }

  @ParameterizedTest
  @MethodSource("processes")
  void linesOfADiagram_neitherCrossNorSlant(Path file) {
    assertThat(DiagramLines.of(read(file)).mistakes()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("processes")
  void everythingThatOperatorsSee_hasAName(Path file) {
    BpmnModelInstance model = read(file);
    for (FlowElement element : model.getModelElementsByType(FlowElement.class)) {
      boolean mayBeUnnamed =
          element instanceof SequenceFlow
              || element instanceof Gateway gateway && gateway.getOutgoing().size() == 1
              || element instanceof ParallelGateway
              || element instanceof BoundaryEvent boundary
                  && boundary.getId().startsWith("Boundary_Undo");
      if (!mayBeUnnamed) {
        assertThat(element.getName()).as(element.getId()).isNotBlank();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("processes")
  void references_exist(Path file) {
    BpmnModelInstance model = read(file);
    for (CallActivity call : model.getModelElementsByType(CallActivity.class)) {
      assertThat(ModelFiles.PROCESSES.resolve("phases/" + call.getCalledElement() + ".bpmn"))
          .as(call.getId())
          .exists();
    }
    for (BusinessRuleTask task : model.getModelElementsByType(BusinessRuleTask.class)) {
      if (!task.getCamundaDecisionRef().startsWith("${")) { // an input, which the lint checks
        assertThat(
                ModelFiles.PROCESSES.resolve("decisions/" + task.getCamundaDecisionRef() + ".dmn"))
            .as(task.getId())
            .exists();
      }
    }
    for (UserTask task : model.getModelElementsByType(UserTask.class)) {
      assertForm(task.getId(), task.getCamundaFormRef(), task.getCamundaFormRefBinding());
      assertThat(task.getDocumentations()).as("instruction of " + task.getId()).isNotEmpty();
      assertThat(task.getCamundaCandidateGroups()).as("group of " + task.getId()).isNotBlank();
    }
    for (StartEvent start : model.getModelElementsByType(StartEvent.class)) {
      if (start.getCamundaFormRef() != null) {
        assertForm(start.getId(), start.getCamundaFormRef(), start.getCamundaFormRefBinding());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("phases")
  void reversiblePhase_canBeAbortedStoppedAndTimedOut(Path file) {
    if (Set.of("decommission", "drain-outbox", "legacy-removal").contains(ModelFiles.nameOf(file))
        || ModelFiles.nameOf(file).startsWith("undo-")
        || ModelFiles.nameOf(file).startsWith("gate-")) {
      return;
    }
    assertThat(
            read(file).getModelElementsByType(SubProcess.class).stream()
                .filter(SubProcess::triggeredByEvent)
                .map(SubProcess::getId))
        .containsExactlyInAnyOrder("OnAbort", "OnDeadline", "OnStop");
  }

  @ParameterizedTest
  @MethodSource("decisions")
  void decision_passesOnlyInOneRowAndEndsInconclusive(Path file) {
    DmnModelInstance model = Dmn.readModelFromFile(file.toFile());
    Dmn.validateModel(model);
    Decision decision = model.getModelElementsByType(Decision.class).iterator().next();
    assertThat(decision.getId()).isEqualTo(ModelFiles.nameOf(file));
    assertThat(decision.getCamundaHistoryTimeToLiveString()).isEqualTo("P365D");
    DecisionTable table = model.getModelElementsByType(DecisionTable.class).iterator().next();
    assertThat(table.getHitPolicy()).isEqualTo(HitPolicy.FIRST);
    List<String> verdicts = table.getRules().stream().map(ModelFilesTest::verdict).toList();
    assertThat(verdicts).containsOnlyOnce("\"PASS\"").endsWith("\"PASS\"", "\"INCONCLUSIVE\"");
    Rule pass = List.copyOf(table.getRules()).get(verdicts.indexOf("\"PASS\""));
    assertThat(pass.getInputEntries())
        .as("a value that PASS does not look at could be anything")
        .noneMatch(entry -> entry.getTextContent().isBlank());
  }

  @Test
  void form_hasTheIdOfItsFile() {
    assertThat(ModelFiles.in("forms"))
        .isNotEmpty()
        .allSatisfy(
            file -> assertThat(json(file).get("id").asText()).isEqualTo(ModelFiles.nameOf(file)));
  }

  static List<Path> processes() {
    return Stream.concat(ModelFiles.in("runbooks").stream(), phases().stream()).toList();
  }

  static List<Path> phases() {
    return ModelFiles.in("phases");
  }

  static List<Path> decisions() {
    return ModelFiles.in("decisions");
  }

  private static void assertForm(String element, String form, String binding) {
    assertThat(ModelFiles.PROCESSES.resolve("forms/" + form + ".form")).as(element).exists();
    assertThat(binding).as(element).isEqualTo("deployment");
  }

  private static String verdict(Rule rule) {
    return rule.getOutputEntries().iterator().next().getText().getTextContent();
  }

  private static List<String> ids(java.util.Collection<? extends FlowElement> elements) {
    return elements.stream().map(FlowElement::getId).collect(Collectors.toList());
  }

  private static Process process(BpmnModelInstance model) {
    return model.getModelElementsByType(Process.class).iterator().next();
  }

  private static BpmnModelInstance read(Path file) {
    return Bpmn.readModelFromFile(file.toFile());
  }

  private static JsonNode json(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
