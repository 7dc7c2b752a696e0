package io.belay.matrix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.Activity;
import org.camunda.bpm.model.bpmn.instance.BoundaryEvent;
import org.camunda.bpm.model.bpmn.instance.BpmnModelElementInstance;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.CatchEvent;
import org.camunda.bpm.model.bpmn.instance.EndEvent;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.IntermediateCatchEvent;
import org.camunda.bpm.model.bpmn.instance.MessageEventDefinition;
import org.camunda.bpm.model.bpmn.instance.Process;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.SubProcess;
import org.camunda.bpm.model.bpmn.instance.TimerEventDefinition;
import org.camunda.bpm.model.bpmn.instance.UserTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaIn;

/**
 * A runbook with all models that it calls, read from the files: which steps there are, where people
 * are waited for. Nothing here knows any runbook by name.
 */
final class RunbookModel {

  private static final Path PROCESSES = Path.of("processes");

  /**
   * A step.
   *
   * @param model id of the process that it stands in
   * @param step bean name of its delegate
   * @param undo whether it belongs to the way back
   * @param handler whether it stands in an event subprocess: reached only when something interrupts
   * @param external whether a worker does it, so that an abort can interrupt it
   */
  record Step(
      String model,
      String activityId,
      String name,
      String step,
      boolean undo,
      boolean handler,
      boolean external) {

    String key() {
      return model + "/" + activityId;
    }
  }

  /**
   * A user task.
   *
   * @param abortable whether its phase can be aborted
   * @param expiry parameter that says when it expires; null when it does not
   * @param form name of its form
   */
  record Wait(
      String model,
      String activityId,
      boolean undo,
      boolean abortable,
      String expiry,
      String form) {

    String key() {
      return model + "/" + activityId;
    }
  }

  /** A timer on the way, at which nothing happens until it is due. */
  record Pause(String model, String activityId, String duration) {}

  /** One of the ends of a phase. */
  record End(String model, String activityId, String name) {

    String key() {
      return model + "/" + activityId;
    }
  }

  private final String id;
  private final BpmnModelInstance runbook;
  private final Map<String, BpmnModelInstance> models = new LinkedHashMap<>();
  private final Set<String> undoModels = new LinkedHashSet<>();

  private RunbookModel(Path file) {
    this.runbook = Bpmn.readModelFromFile(file.toFile());
    this.id = processOf(runbook).getId();
    models.put(id, runbook);
    follow(runbook, false);
  }

  static RunbookModel of(String id) {
    return new RunbookModel(PROCESSES.resolve("runbooks").resolve(id + ".bpmn"));
  }

  /** The ids of all runbooks. */
  static List<String> all() {
    try (Stream<Path> files = Files.list(PROCESSES.resolve("runbooks"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".bpmn"))
          .map(name -> name.replace(".bpmn", ""))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void follow(BpmnModelInstance model, boolean undo) {
    for (CallActivity call : inOrder(model, CallActivity.class)) {
      String called = call.getCalledElement();
      boolean back = undo || call.isForCompensation();
      if (!models.containsKey(called)) {
        models.put(
            called,
            Bpmn.readModelFromFile(PROCESSES.resolve("phases").resolve(called + ".bpmn").toFile()));
        if (back) {
          undoModels.add(called);
        }
        follow(models.get(called), back);
      }
    }
  }

  String id() {
    return id;
  }

  /** Name of the start form. */
  String startForm() {
    return runbook.getModelElementsByType(StartEvent.class).stream()
        .map(StartEvent::getCamundaFormRef)
        .filter(form -> form != null)
        .findFirst()
        .orElseThrow();
  }

  /** Every step of the runbook, its phases and its undos. */
  List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    models.forEach(
        (key, model) -> {
          for (ServiceTask task : inOrder(model, ServiceTask.class)) {
            steps.add(
                new Step(
                    key,
                    task.getId(),
                    task.getName(),
                    task.getCamundaTopic() != null
                        ? task.getCamundaTopic()
                        : task.getCamundaDelegateExpression().replaceAll("[${}]", ""),
                    undoModels.contains(key) || task.isForCompensation(),
                    inEventSubProcess(task),
                    task.getCamundaTopic() != null));
          }
        });
    return steps;
  }

  List<Wait> waits() {
    List<Wait> waits = new ArrayList<>();
    models.forEach(
        (key, model) -> {
          for (UserTask task : inOrder(model, UserTask.class)) {
            waits.add(
                new Wait(
                    key,
                    task.getId(),
                    undoModels.contains(key),
                    canBeAborted(model),
                    expiry(model, task),
                    task.getCamundaFormRef()));
          }
        });
    return waits;
  }

  private static String expiry(BpmnModelInstance model, UserTask task) {
    return model.getModelElementsByType(BoundaryEvent.class).stream()
        .filter(event -> event.getAttachedTo().equals(task))
        .flatMap(event -> durations(event).stream())
        .findFirst()
        .orElse(null);
  }

  /** The parameters that an event's timers take their durations from. */
  private static List<String> durations(CatchEvent event) {
    return event.getEventDefinitions().stream()
        .filter(TimerEventDefinition.class::isInstance)
        .map(definition -> ((TimerEventDefinition) definition).getTimeDuration())
        .map(duration -> duration.getTextContent().strip().replaceAll("[${}]", ""))
        .toList();
  }

  /** Timers between the steps of phases. */
  List<Pause> pauses() {
    List<Pause> pauses = new ArrayList<>();
    models.forEach(
        (key, model) -> {
          for (IntermediateCatchEvent event :
              model.getModelElementsByType(IntermediateCatchEvent.class)) {
            durations(event).forEach(time -> pauses.add(new Pause(key, event.getId(), time)));
          }
        });
    return pauses;
  }

  /** All ends of the phases of the way there, of the phase itself or of what interrupts it. */
  List<End> ends() {
    List<End> ends = new ArrayList<>();
    models.forEach(
        (key, model) -> {
          if (!key.equals(id) && !undoModels.contains(key)) {
            model
                .getModelElementsByType(EndEvent.class)
                .forEach(end -> ends.add(new End(key, end.getId(), end.getName())));
          }
        });
    return ends;
  }

  /** The parameter with the deadline of each phase on the way there, by the phase's model. */
  Map<String, String> deadlines() {
    Map<String, String> deadlines = new LinkedHashMap<>();
    for (CallActivity call : inOrder(runbook, CallActivity.class)) {
      runbook.getModelElementsByType(CamundaIn.class).stream()
          .filter(in -> "deadline".equals(in.getCamundaTarget()))
          .filter(in -> in.getParentElement().getParentElement().equals(call))
          .forEach(in -> deadlines.put(call.getCalledElement(), in.getCamundaSource()));
    }
    return deadlines;
  }

  /** Where an abort has the most to take back. */
  Optional<Wait> lastAbortableWait() {
    return waits().stream()
        .filter(wait -> !wait.undo() && wait.abortable())
        .reduce((first, second) -> second);
  }

  /** The same for a runbook that waits for nobody. */
  Optional<Step> lastAbortableStep() {
    return steps().stream()
        .filter(step -> !step.undo() && !step.handler() && step.external())
        .filter(step -> canBeAborted(step.model()))
        .reduce((first, second) -> second);
  }

  boolean canBeAborted(String process) {
    return canBeAborted(models.get(process));
  }

  private static boolean canBeAborted(BpmnModelInstance model) {
    return model.getModelElementsByType(MessageEventDefinition.class).stream()
        .anyMatch(
            definition ->
                definition.getParentElement() instanceof StartEvent start
                    && inEventSubProcess(start));
  }

  private static boolean inEventSubProcess(BpmnModelElementInstance element) {
    return element.getParentElement() instanceof SubProcess sub && sub.triggeredByEvent();
  }

  private static Process processOf(BpmnModelInstance model) {
    return model.getModelElementsByType(Process.class).iterator().next();
  }

  /** In the order in which the flows reach them; what flows do not reach comes last. */
  private static <T extends Activity> List<T> inOrder(BpmnModelInstance model, Class<T> type) {
    Set<FlowNode> seen = new LinkedHashSet<>();
    Deque<FlowNode> next = new ArrayDeque<>();
    processOf(model).getChildElementsByType(StartEvent.class).forEach(next::add);
    while (!next.isEmpty()) {
      FlowNode node = next.removeFirst();
      if (seen.add(node)) {
        node.getOutgoing().stream().map(SequenceFlow::getTarget).forEach(next::addLast);
      }
    }
    Collection<T> all = model.getModelElementsByType(type);
    List<T> ordered = new ArrayList<>();
    seen.stream().filter(type::isInstance).map(type::cast).forEach(ordered::add);
    all.stream().filter(element -> !seen.contains(element)).forEach(ordered::add);
    return ordered;
  }
}
