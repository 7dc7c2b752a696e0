package io.belay.step;

import io.belay.target.Environment;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** All steps that there are, by name. */
@Component
public class StepCatalog {

  private final Map<String, StepDelegate<?, ?>> steps = new TreeMap<>();
  private final StepValues values;

  StepCatalog(List<StepDelegate<?, ?>> delegates, StepValues values) {
    delegates.forEach(delegate -> steps.put(StepNames.of(delegate.getClass()), delegate));
    this.values = values;
  }

  public Collection<StepDelegate<?, ?>> all() {
    return steps.values();
  }

  public Set<String> names() {
    return steps.keySet();
  }

  public Optional<StepDelegate<?, ?>> find(String step) {
    return Optional.ofNullable(steps.get(step));
  }

  /** Whether the step works on Belay itself, not on a target: it needs the engine's database. */
  boolean isBelaysOwn(String step) {
    return steps.get(step) instanceof AwaitStepsStopped;
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
    return plan(steps.get(step), step, inputs, environment);
  }

  /** A number that only the run knows would be taken for 0. */
  private void requireNumbers(String step, Map<String, Object> inputs) {
    for (RecordComponent component : steps.get(step).inputType().getRecordComponents()) {
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
   * What in the environment's description would stop a step; connects to nothing.
   *
   * @param inputs values for the step's input; an input that is known only in the run is null
   * @return rules that do not hold; empty when the step could be run, as far as is known
   */
  public List<String> check(String step, Map<String, Object> inputs, Environment environment) {
    return steps.containsKey(step)
        ? check(steps.get(step), step, inputs, environment)
        : List.of("this Belay has no step '%s'".formatted(step)); // a model of another version
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
