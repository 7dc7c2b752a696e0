package io.belay.step;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.target.Environment;
import io.belay.target.FormerName;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import org.springframework.util.ClassUtils;

/** All steps, by name. */
@Component
public class StepCatalog {

  private final Map<String, StepDelegate<?, ?>> steps = new TreeMap<>();
  private final Map<String, StepDelegate<?, ?>> byAnyName = new TreeMap<>();
  private final StepValues values;

  StepCatalog(List<StepDelegate<?, ?>> delegates, StepValues values) {
    for (StepDelegate<?, ?> delegate : delegates) {
      steps.put(StepNames.of(delegate.getClass()), delegate);
      for (String name : StepNames.all(delegate.getClass())) {
        StepDelegate<?, ?> other = byAnyName.put(name, delegate);
        if (other != null) {
          throw new IllegalStateException(
              "both %s and %s are, or were, called '%s'"
                  .formatted(other.getClass().getName(), delegate.getClass().getName(), name));
        }
      }
    }
    this.values = values;
  }

  public Collection<StepDelegate<?, ?>> all() {
    return steps.values();
  }

  public Set<String> names() {
    return steps.keySet();
  }

  /** The step with that present or former name. */
  public Optional<StepDelegate<?, ?>> find(String step) {
    return Optional.ofNullable(byAnyName.get(step));
  }

  /** Names of the steps that change something and are not undos. */
  List<String> changing() {
    return steps.entrySet().stream()
        .filter(step -> changes(step.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Whether executions of that step have to be taken back. */
  static boolean changes(StepDelegate<?, ?> step) {
    return step.effect() != StepPlan.Effect.OBSERVES && UndoDelegate.undoes(step).isEmpty();
  }

  /** Present and former names: what models of open runs and the journal may call steps. */
  public Set<String> allNames() {
    return byAnyName.keySet();
  }

  /**
   * What an execution of the step returns, by name; earlier names count too, for agents of an
   * earlier version.
   *
   * @param inputs values of the execution's inputs, by name
   * @param asked a name that also counts when the target decides the names
   */
  public Set<String> resultsOf(String step, Function<String, Object> inputs, String asked) {
    return find(step).stream()
        .flatMap(delegate -> Stream.of(delegate.resultType().getRecordComponents()))
        .flatMap(result -> names(result, inputs, asked))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Stream<String> names(
      RecordComponent result, Function<String, Object> inputs, String asked) {
    if (result.getType() == NamedValues.class) {
      NamedBy by = result.getAnnotation(NamedBy.class);
      return by == null ? Stream.of(asked) : Assignments.namesIn(inputs.apply(by.value())).stream();
    }
    FormerName former = result.getAnnotation(FormerName.class);
    return Stream.concat(
        Stream.of(result.getName()), former == null ? Stream.empty() : Stream.of(former.value()));
  }

  /** All names of the step with that present or former name; none when there is no such step. */
  List<String> allNames(String step) {
    return find(step).map(delegate -> StepNames.all(delegate.getClass())).orElse(List.of());
  }

  /** A step's declaration of a checkpoint, by the checkpoint's present or a former name. */
  Optional<Checkpoint> checkpoint(String step, String name) {
    return find(step).stream()
        .flatMap(
            delegate ->
                Stream.of(ClassUtils.getUserClass(delegate).getAnnotationsByType(Checkpoint.class)))
        .filter(
            declared -> declared.name().equals(name) || List.of(declared.formerly()).contains(name))
        .findFirst();
  }

  /** Whether the step is declared to undo others. */
  public boolean isUndo(String step) {
    return find(step).map(UndoDelegate::undoes).stream().anyMatch(undone -> !undone.isEmpty());
  }

  /** Whether the step works on Belay itself, not on a target: it needs the engine's database. */
  boolean isBelaysOwn(String step) {
    return byAnyName.get(step) instanceof AwaitStepsStopped;
  }

  /**
   * What a step would do.
   *
   * @param inputs values for the step's input; what is not known before the run is left out
   * @throws InvalidStepInput when the input breaks a rule
   */
  public StepPlan plan(String step, Map<String, Object> inputs, Environment environment)
      throws Exception {
    requireNumbers(step, inputs);
    return plan(byAnyName.get(step), step, inputs, environment);
  }

  /** A number that only the run knows would be taken for 0. */
  private void requireNumbers(String step, Map<String, Object> inputs) {
    for (RecordComponent component : byAnyName.get(step).inputType().getRecordComponents()) {
      String name = component.getName();
      if (component.getType().isPrimitive()
          && inputs.containsKey(name)
          && inputs.get(name) == null) {
        throw new InvalidStepInput(
            "%s: input %s is known only during the run".formatted(step, name));
      }
    }
  }

  /**
   * Checks whether the environment's description would stop a step; connects to nothing.
   *
   * @param inputs values for the step's input; an input that is known only in the run is null
   * @return rules that do not hold; empty when the step could be run, as far as is known
   */
  public List<String> check(String step, Map<String, Object> inputs, Environment environment) {
    return byAnyName.containsKey(step)
        ? check(byAnyName.get(step), step, inputs, environment)
        : List.of("this Belay has no step '%s'".formatted(step)); // a model of another version
  }

  /**
   * Names of the targets that a step works on, with the database behind a migration; all targets
   * for a step that changes something and names none.
   *
   * @param recorded the step's input as the journal keeps it
   */
  public Set<String> targets(String step, JsonNode recorded, Environment environment) {
    return mayTouchAll(step)
        ? environment.targets().keySet()
        : NamedTargets.in(environment, byAnyName.get(step).inputType(), recorded);
  }

  /**
   * Names of the targets that a step's input names; none for a step that this Belay does not have.
   *
   * @param recorded the step's input as the journal keeps it
   */
  public Set<String> named(String step, JsonNode recorded) {
    return find(step)
        .map(delegate -> NamedTargets.in(delegate.inputType(), recorded))
        .orElse(Set.of());
  }

  /**
   * {@link #targets(String, JsonNode, Environment)} before a run, for inputs as a model gives them.
   *
   * @param inputs null for one that is known only in the run
   * @throws InvalidStepInput when the input breaks a rule
   */
  public Set<String> targets(String step, Map<String, Object> inputs, Environment environment) {
    if (mayTouchAll(step)) {
      return environment.targets().keySet();
    }
    Record input = values.bind(byAnyName.get(step), step, step, inputs);
    return new NamedTargets(input).in(environment);
  }

  /**
   * Names of the targets that a run holds for a step, before it starts. All targets when an input
   * that names one is known only in the run. None for an undo that names none: it works on the
   * targets of the steps that it takes back.
   *
   * @param inputs null for one that is known only in the run
   */
  public Set<String> toHold(String step, Map<String, Object> inputs, Environment environment) {
    StepDelegate<?, ?> delegate = byAnyName.get(step);
    if (delegate == null) {
      return environment.targets().keySet();
    }
    if (namesNoTarget(delegate) && isUndo(step)) {
      return Set.of();
    }
    List<String> naming =
        Stream.of(delegate.inputType().getRecordComponents())
            .filter(component -> component.isAnnotationPresent(TargetName.class))
            .map(RecordComponent::getName)
            .toList();
    if (mayTouchAll(step)
        || naming.stream().anyMatch(name -> inputs.containsKey(name) && inputs.get(name) == null)) {
      return environment.targets().keySet();
    }
    Map<String, Object> named = new TreeMap<>(inputs);
    named.keySet().retainAll(naming);
    return new NamedTargets(values.read(delegate, step, step, named))
        .in(environment).stream()
            .filter(environment.targets()::containsKey)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** The same while the step runs, for its input as the journal keeps it. */
  public Set<String> toHold(String step, JsonNode recorded, Environment environment) {
    return namesNoTarget(byAnyName.get(step)) && isUndo(step)
        ? Set.of()
        : targets(step, recorded, environment);
  }

  /** Whether the step changes something and names no target: it may then change any of them. */
  private boolean mayTouchAll(String step) {
    StepDelegate<?, ?> delegate = byAnyName.get(step);
    return delegate.effect() != StepPlan.Effect.OBSERVES && namesNoTarget(delegate);
  }

  private static boolean namesNoTarget(StepDelegate<?, ?> delegate) {
    return Stream.of(delegate.inputType().getRecordComponents())
        .noneMatch(component -> component.isAnnotationPresent(TargetName.class));
  }

  private <I extends Record> List<String> check(
      StepDelegate<I, ?> delegate,
      String step,
      Map<String, Object> inputs,
      Environment environment) {
    boolean allKnown = !inputs.containsValue(null);
    I input;
    try {
      input = values.bind(delegate, step, step, inputs);
    } catch (InvalidStepInput invalid) {
      return allKnown ? List.of(invalid.getMessage()) : List.of();
    }
    List<String> problems = new NamedTargets(input).missingIn(environment, inputs);
    return problems.isEmpty() && allKnown ? delegate.check(input, environment) : problems;
  }

  private <I extends Record> StepPlan plan(
      StepDelegate<I, ?> delegate, String step, Map<String, Object> inputs, Environment environment)
      throws Exception {
    return delegate.plan(values.bind(delegate, step, step, inputs), environment);
  }
}
