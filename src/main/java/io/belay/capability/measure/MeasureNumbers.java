package io.belay.capability.measure;

import io.belay.step.BusinessStop;
import io.belay.step.NamedBy;
import io.belay.step.NamedValues;
import io.belay.step.Sample;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.target.Environment;
import io.belay.target.TargetDiffers;
import io.belay.target.TargetException;
import jakarta.validation.constraints.NotNull;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Measures numbers once, each a variable of the phase under its name, for a decision table. A
 * number that could not be measured is null, and {@code missing} says why: the table decides what
 * that means.
 */
@Component
public final class MeasureNumbers
    extends StepDelegate<MeasureNumbers.Input, MeasureNumbers.Result> {

  private static final int LONGEST = 2000;
  private static final List<String> OWN = List.of("complete", "missing");

  /**
   * @param numbers a {@code name = source} a line; see {@link NumberSource}
   * @param figures what the decision table asks: these numbers, {@code complete}, {@code missing};
   *     none when that is not known here
   */
  public record Input(@NotNull Numbers numbers, @DefaultValue List<String> figures) {}

  /**
   * @param complete whether each number was measured
   * @param missing what was not, and why; empty when all were
   * @param numbers each a variable of its name
   */
  public record Result(boolean complete, String missing, @NamedBy("numbers") NamedValues numbers) {}

  private final NumberReader reader;

  MeasureNumbers(NumberReader reader) {
    super(Input.class, Result.class);
    this.reader = reader;
  }

  /**
   * @throws BusinessStop when the decision table asks what is not measured, or could pass without
   *     asking whether all was
   */
  @Override
  public Result perform(Input input, StepContext context) {
    problemsOfFigures(input).stream()
        .findFirst()
        .ifPresent(
            rule -> {
              throw new BusinessStop(rule);
            });
    Map<String, Double> numbers = new TreeMap<>();
    List<String> missing = new ArrayList<>();
    List<Sample> samples = new ArrayList<>();
    input
        .numbers()
        .sources()
        .forEach(
            (name, source) -> {
              context.cancellation().throwIfCancelled();
              Double value = null;
              try {
                value = reader.read(source, context);
                samples.add(new Sample(Instant.now(), name, source.target(), value));
              } catch (TargetDiffers another) {
                throw another;
              } catch (TargetException e) {
                missing.add("%s: %s".formatted(name, e.getMessage()));
              }
              numbers.put(name, value);
              context.log("%s is %s", name, value == null ? "unknown" : value);
            });
    context.sample(samples);
    missing.forEach(one -> context.log("%s", one));
    String told = String.join("; ", missing);
    return new Result(
        missing.isEmpty(),
        told.length() <= LONGEST ? told : told.substring(0, LONGEST) + "…",
        NamedValues.ofNumbers(numbers));
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    List<String> problems = new ArrayList<>();
    Map<String, NumberSource> sources = input.numbers().sources();
    sources.forEach(
        (name, source) ->
            NumberReader.problem(source, environment)
                .ifPresent(why -> problems.add("number '%s': %s".formatted(name, why))));
    problems.addAll(problemsOfFigures(input));
    return problems;
  }

  private static List<String> problemsOfFigures(Input input) {
    List<String> figures = input.figures();
    if (figures == null || figures.isEmpty()) { // a record of an earlier version has none
      return List.of();
    }
    List<String> problems = new ArrayList<>();
    figures.stream()
        .filter(figure -> figure.matches("[A-Za-z]\\w*")) // an expression may ask for several
        .filter(figure -> !input.numbers().sources().containsKey(figure) && !OWN.contains(figure))
        .map("the decision table asks for '%s', but no number has that name"::formatted)
        .forEach(problems::add);
    if (!figures.contains("complete")) {
      problems.add(
          "the decision table does not ask for 'complete', which says whether all was measured");
    }
    return problems;
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes(
        String.join(
            ", ",
            input.numbers().sources().values().stream()
                .map(NumberSource::target)
                .distinct()
                .toList()),
        "Measure %d numbers".formatted(input.numbers().sources().size()),
        input.numbers().toString().lines().map(String::strip).toArray(String[]::new));
  }
}
