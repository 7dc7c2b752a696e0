package io.belay.model;

import io.belay.model.RunbookOutline.InputOutline;
import io.belay.model.RunbookOutline.PhaseOutline;
import io.belay.model.RunbookOutline.TaskOutline;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.camunda.bpm.model.bpmn.BpmnModelInstance;
import org.camunda.bpm.model.bpmn.instance.Activity;
import org.camunda.bpm.model.bpmn.instance.Association;
import org.camunda.bpm.model.bpmn.instance.BoundaryEvent;
import org.camunda.bpm.model.bpmn.instance.BusinessRuleTask;
import org.camunda.bpm.model.bpmn.instance.CallActivity;
import org.camunda.bpm.model.bpmn.instance.CompensateEventDefinition;
import org.camunda.bpm.model.bpmn.instance.Documentation;
import org.camunda.bpm.model.bpmn.instance.FlowNode;
import org.camunda.bpm.model.bpmn.instance.IntermediateThrowEvent;
import org.camunda.bpm.model.bpmn.instance.Process;
import org.camunda.bpm.model.bpmn.instance.SequenceFlow;
import org.camunda.bpm.model.bpmn.instance.ServiceTask;
import org.camunda.bpm.model.bpmn.instance.StartEvent;
import org.camunda.bpm.model.bpmn.instance.SubProcess;
import org.camunda.bpm.model.bpmn.instance.UserTask;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaInputOutput;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaOutputParameter;
import org.camunda.bpm.model.bpmn.instance.camunda.CamundaProperties;

/**
 * Reads a runbook's outline from its model and the models that it calls, with the inputs of each
 * step as far as the run's parameters and the models' literals give them.
 */
public final class OutlineReader {

  /** Maximum depth of calls: phases call parts, which rarely call parts of their own. */
  private static final int DEEPEST = 10;

  /** Supplies the models that belong to a runbook. */
  @FunctionalInterface
  public interface Source {

    /** The model of a process that a call activity names. */
    BpmnModelInstance called(String process);

    /** For each result of a task's step that is an item of an input: the name of that input. */
    default Map<String, String> items(ServiceTask task) {
      return Map.of();
    }

    /** The inputs of a decision table, separated by commas; null when unknown. */
    default String asked(String table) {
      return null;
    }
  }

  private final Source source;
  private final CallScope run;
  private int depth;

  /**
   * @param parameters of the run; branches that they rule out are left out. Absent ones are unknown
   */
  public OutlineReader(Source source, Map<String, Object> parameters) {
    this.source = source;
    this.run = CallScope.of(parameters);
  }

  public RunbookOutline read(BpmnModelInstance runbook) {
    List<PhaseOutline> forward = new ArrayList<>();
    List<PhaseOutline> undo = new ArrayList<>();
    List<FlowNode> nodes = inOrder(runbook, run);
    for (FlowNode node : nodes) {
      if (node instanceof IntermediateThrowEvent rung) {
        rung.getEventDefinitions().stream()
            .filter(CompensateEventDefinition.class::isInstance)
            .map(definition -> ((CompensateEventDefinition) definition).getActivity())
            .filter(nodes::contains)
            .map(undone -> handler(runbook, undone))
            .forEach(handler -> undo.add(phase(handler)));
      } else if (node instanceof Activity activity) {
        forward.add(phase(activity));
      }
    }
    return new RunbookOutline(forward, undo);
  }

  private PhaseOutline phase(Activity activity) {
    PhaseOutline phase =
        new PhaseOutline(
            activity.getId(),
            activity.getName(),
            property(activity, "estimate"),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    add(activity, run, phase);
    return phase;
  }

  /** Adds what a node does, once for each turn of the loop that it is in. */
  private void add(FlowNode node, CallScope scope, PhaseOutline phase) {
    if (node instanceof CallActivity call) {
      scope.turns(passedTexts(call)).forEach(turn -> addCalled(call, turn, phase));
    } else if (node instanceof ServiceTask task) {
      Map<String, String> texts = inputs(task);
      Set<String> own = loops(task, scope).keySet();
      texts.values().removeIf(text -> own.contains(text.replaceAll("[${}\\s]", "")));
      scope.turns(texts.values()).forEach(turn -> phase.tasks().add(step(task, texts, turn)));
    } else if (node instanceof BusinessRuleTask task) {
      Object table = scope.value(task.getCamundaDecisionRef());
      phase.tasks().add(plain("gate", task, table == null ? null : table.toString(), null, null));
    } else if (node instanceof UserTask task) {
      String documentation =
          task.getDocumentations().stream()
              .findFirst()
              .map(Documentation::getTextContent)
              .orElse("");
      phase.tasks().add(plain("approval", task, null, documentation, task.getCamundaFormRef()));
    }
  }

  private void addCalled(CallActivity call, CallScope scope, PhaseOutline phase) {
    if (++depth > DEEPEST) {
      throw new IllegalStateException(call.getId() + " calls itself");
    }
    BpmnModelInstance model = source.called(call.getCalledElement());
    Optional<PhaseInputs> declared = PhaseInputs.of(model);
    CallScope inside = scope.called(call, declared, phase.problems());
    declared.stream()
        .flatMap(inputs -> inputs.all().stream())
        .map(input -> new InputOutline(input, inside.values().get(input.name())))
        .forEach(phase.inputs()::add);
    declared.stream()
        .flatMap(inputs -> inputs.all().stream())
        .filter(input -> input.type() == Parameter.Type.DECISION)
        .filter(input -> inside.values().containsKey(input.name()))
        .forEach(
            input ->
                inside
                    .values()
                    .put(
                        input.name() + ".inputs",
                        source.asked(inside.values().get(input.name()).toString())));
    List<FlowNode> nodes = inOrder(model, inside);
    Map<String, List<Object>> loops = new LinkedHashMap<>();
    nodes.stream()
        .filter(ServiceTask.class::isInstance)
        .forEach(task -> loops.putAll(loops((ServiceTask) task, inside)));
    nodes.forEach(node -> add(node, inside.with(loops), phase));
    depth--;
  }

  /** The variables that a task sets to the next item each time, with their items where known. */
  private Map<String, List<Object>> loops(ServiceTask task, CallScope scope) {
    Map<String, List<Object>> loops = new LinkedHashMap<>();
    Map<String, String> texts = inputs(task);
    source
        .items(task)
        .forEach(
            (result, input) -> {
              Object list = texts.containsKey(input) ? scope.value(texts.get(input)) : null;
              if (list != null) {
                List<Object> values =
                    Arrays.stream(list.toString().split(","))
                        .map(String::trim)
                        .filter(item -> !item.isEmpty())
                        .map(Object.class::cast)
                        .toList();
                outputs(task, "${" + result + "}").forEach(name -> loops.put(name, values));
              }
            });
    return loops;
  }

  private static List<String> passedTexts(CallActivity call) {
    return CallScope.passed(call).stream()
        .map(
            in ->
                in.getCamundaSource() != null
                    ? "${" + in.getCamundaSource() + "}"
                    : String.valueOf(in.getCamundaSourceExpression()))
        .toList();
  }

  private static TaskOutline step(ServiceTask task, Map<String, String> texts, CallScope scope) {
    Map<String, Object> values = new LinkedHashMap<>();
    texts.forEach((name, text) -> values.put(name, scope.value(text)));
    return new TaskOutline(
        "step",
        task.getId(),
        task.getName(),
        step(task),
        values,
        "true".equals(property(task, "irreversible")),
        null,
        null);
  }

  private static TaskOutline plain(
      String kind, Activity task, String decision, String documentation, String form) {
    return new TaskOutline(
        kind, task.getId(), task.getName(), decision, Map.of(), false, documentation, form);
  }

  /** The name that the task gives to its step. */
  public static String step(ServiceTask task) {
    return task.getCamundaTopic() != null
        ? task.getCamundaTopic()
        : Objects.requireNonNullElse(task.getCamundaDelegateExpression(), "")
            .replaceAll("[${}]", "");
  }

  /**
   * The nodes that flows reach from the first start event in topological order, loops aside; nodes
   * after a gateway's first flow come before those after its other flows.
   */
  private static List<FlowNode> inOrder(BpmnModelInstance model, CallScope scope) {
    Process process = model.getModelElementsByType(Process.class).iterator().next();
    KnownBranches branches = new KnownBranches(model, scope.values());
    Deque<FlowNode> ordered = new ArrayDeque<>();
    process.getChildElementsByType(StartEvent.class).stream()
        .findFirst()
        .ifPresent(start -> follow(model, branches, start, new HashSet<>(), ordered));
    return new ArrayList<>(ordered);
  }

  private static void follow(
      BpmnModelInstance model,
      KnownBranches branches,
      FlowNode node,
      Set<FlowNode> seen,
      Deque<FlowNode> ordered) {
    if (seen.add(node)) {
      List<FlowNode> next = new ArrayList<>();
      if (node instanceof SubProcess part) {
        next.addAll(part.getChildElementsByType(StartEvent.class));
      }
      branches.from(node).stream().map(SequenceFlow::getTarget).forEach(next::add);
      next.addAll(boundaries(model, node));
      Collections.reverse(next);
      next.forEach(one -> follow(model, branches, one, seen, ordered));
      ordered.addFirst(node);
    }
  }

  private static List<FlowNode> boundaries(BpmnModelInstance model, FlowNode node) {
    return model.getModelElementsByType(BoundaryEvent.class).stream()
        .filter(event -> event.getAttachedTo().equals(node))
        .map(FlowNode.class::cast)
        .toList();
  }

  private static Activity handler(BpmnModelInstance model, Activity undone) {
    Collection<Association> associations = model.getModelElementsByType(Association.class);
    return model.getModelElementsByType(BoundaryEvent.class).stream()
        .filter(event -> event.getAttachedTo().equals(undone))
        .flatMap(event -> associations.stream().filter(line -> line.getSource().equals(event)))
        .map(line -> (Activity) line.getTarget())
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException(undone.getId() + " has no compensation handler"));
  }

  private static Map<String, String> inputs(ServiceTask task) {
    Map<String, String> inputs = new LinkedHashMap<>();
    mappings(task)
        .flatMap(mapping -> mapping.getCamundaInputParameters().stream())
        .forEach(input -> inputs.put(input.getCamundaName(), input.getTextContent().trim()));
    return inputs;
  }

  /** The output variables that a task sets to that expression. */
  private static List<String> outputs(ServiceTask task, String expression) {
    return mappings(task)
        .flatMap(mapping -> mapping.getCamundaOutputParameters().stream())
        .filter(output -> output.getTextContent().trim().equals(expression))
        .map(CamundaOutputParameter::getCamundaName)
        .toList();
  }

  private static Stream<CamundaInputOutput> mappings(ServiceTask task) {
    return task.getExtensionElements() == null
        ? Stream.of()
        : task
            .getExtensionElements()
            .getElementsQuery()
            .filterByType(CamundaInputOutput.class)
            .list()
            .stream();
  }

  /** A Camunda property of an activity; null when it has none of that name. */
  public static String property(Activity activity, String name) {
    if (activity.getExtensionElements() == null) {
      return null;
    }
    return activity
        .getExtensionElements()
        .getElementsQuery()
        .filterByType(CamundaProperties.class)
        .list()
        .stream()
        .flatMap(properties -> properties.getCamundaProperties().stream())
        .filter(property -> name.equals(property.getCamundaName()))
        .map(property -> property.getCamundaValue())
        .findFirst()
        .orElse(null);
  }
}
