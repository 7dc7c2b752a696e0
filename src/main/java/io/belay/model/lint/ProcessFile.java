package io.belay.model.lint;

import io.belay.model.PhaseInputs;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.BaseElement;
import org.camunda.bpm.model.bpmn.instance.FlowElement;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.Process;
import org.camunda.bpm.model.bpmn.instance.SubProcess;
import org.w3c.dom.Document;

/**
 * A BPMN file of the set, twice: as typed elements, and as plain XML, in which nothing can hide.
 *
 * @param process the first process of the file
 * @param elements the elements looked up so far, by type
 */
record ProcessFile(
    String file,
    Document xml,
    BpmnModelInstance model,
    Process process,
    Flow flow,
    Map<Class<?>, List<?>> elements) {

  ProcessFile(String file, Document xml, BpmnModelInstance model, Process process) {
    this(file, xml, model, process, new Flow(model), new HashMap<>());
  }

  /** Id and name of the file without folder and ending. */
  String name() {
    return file.substring(file.indexOf('/') + 1, file.lastIndexOf('.'));
  }

  boolean isRunbook() {
    return file.startsWith("runbooks/");
  }

  /** Whether it is a phase that undoes another one. */
  boolean isUndo() {
    return file.startsWith("phases/undo-");
  }

  /** The inputs that it declares; empty when it takes all variables of its caller. */
  Optional<PhaseInputs> inputs() {
    try {
      return PhaseInputs.of(model);
    } catch (IllegalArgumentException e) {
      return Optional.of(new PhaseInputs(List.of())); // DeclaredInputs refuses it
    }
  }

  Finding finding(BaseElement element, String rule) {
    return new Finding(file, element.getId() == null ? "" : element.getId(), rule);
  }

  /** Looked up once for each type: the model searches the whole file each time. */
  @SuppressWarnings("unchecked")
  <T extends FlowElement> List<T> all(Class<T> type) {
    return (List<T>)
        elements.computeIfAbsent(type, key -> List.copyOf(model.getModelElementsByType(type)));
  }

  /** The flow nodes of the process itself, without those of its subprocesses. */
  Collection<FlowNode> nodes() {
    return nodes(process.getFlowElements()).toList();
  }

  static Stream<FlowNode> nodes(Collection<FlowElement> elements) {
    return elements.stream().filter(FlowNode.class::isInstance).map(FlowNode.class::cast);
  }

  Stream<SubProcess> eventSubProcesses() {
    return nodes().stream()
        .filter(SubProcess.class::isInstance)
        .map(SubProcess.class::cast)
        .filter(SubProcess::triggeredByEvent);
  }
}
