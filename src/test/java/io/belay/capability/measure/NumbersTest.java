package io.belay.capability.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.model.ModelFiles;
import io.belay.model.Parameter;
import io.belay.model.PhaseInputs;
import io.belay.step.BusinessStop;
import io.belay.step.Comparison;
import io.belay.step.FakeStepContext;
import io.belay.target.Command;
import io.belay.target.CommandTarget;
import io.belay.target.Environment;
import io.belay.target.Target;
import io.belay.target.TargetDiffers;
import jakarta.validation.Validation;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a gate on numbers refuses before anything is measured. */
class NumbersTest {

  private static final Environment ENVIRONMENT =
      new Environment("t", "", Map.of("files", CommandTarget.of(Command.of("echo", "1"))));

  private static List<String> check(String... figures) {
    return new MeasureNumbers(null)
        .check(
            new MeasureNumbers.Input(Numbers.valueOf("stuck = output files"), List.of(figures)),
            ENVIRONMENT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          c = mail db x       | it must begin with one of
          d = count log (     | Unclosed group
          e = json shop /here | a path and a JSON pointer
          one-two = exit it   | 'one-two' cannot be the name of a number
          outcome = exit it   | 'outcome' cannot be the name of a number
          endEvent = exit it  | 'endEvent' cannot be the name of a number
          """)
  void lineThatIsNoNumber_isRefused(String line, String why) {
    assertThatThrownBy(() -> Numbers.valueOf("a = exit it\n" + line)).hasMessageContaining(why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gate-numbers", "watch-numbers"})
  void inputOfAPhaseThatMeasures_cannotBeTheNameOfANumber(String phase) {
    assertThat(inputs(phase).all()).extracting(Parameter::name).isSubsetOf(Numbers.RESERVED);
  }

  @Test
  void tableAsksOnlyNumbersThatAreMeasured_andWhetherAllWere() {
    assertThat(check("complete", "missing", "stuck", "stuck / 2", "2", "max(stuck  2)")).isEmpty();
    assertThat(check("complete", "queued"))
        .containsExactly("the decision table asks for 'queued', but no number has that name");
    assertThat(check("stuck"))
        .containsExactly(
            "the decision table does not ask for 'complete', which says whether all was measured");
    assertThat(check()).as("what is asked is not known").isEmpty();
  }

  @Test
  void tableThatOnlyTheRunKnows_isComparedBeforeAnythingIsMeasured() {
    var input = new MeasureNumbers.Input(Numbers.valueOf("stuck = exit it"), List.of("stuck"));

    assertThatThrownBy(
            () -> new MeasureNumbers(null).perform(input, new FakeStepContext(ENVIRONMENT)))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("does not ask for 'complete'");
  }

  @Test
  void targetThatIsAnotherSystem_isNoMissingNumber() {
    Map<String, Target> moved =
        new AbstractMap<>() {
          @Override
          public Target get(Object name) {
            throw new TargetDiffers("another system");
          }

          @Override
          public boolean containsKey(Object name) {
            return true;
          }

          @Override
          public Set<Entry<String, Target>> entrySet() {
            return Set.of();
          }
        };
    var context = new FakeStepContext(ENVIRONMENT).environment(new Environment("t", "", moved));
    var reader = new NumberReader(null, null, null);
    var measured = new MeasureNumbers.Input(Numbers.valueOf("stuck = exit it"), List.of());
    var awaited =
        new AwaitCondition.Input(
            NumberSource.valueOf("exit it"),
            Comparison.valueOf("= 0"),
            1,
            Duration.ofMillis(1),
            Duration.ofMillis(1),
            "none");

    assertThatThrownBy(() -> new MeasureNumbers(reader).perform(measured, context))
        .isInstanceOf(TargetDiffers.class);
    assertThatThrownBy(() -> new AwaitCondition(reader, null).perform(awaited, context))
        .isInstanceOf(TargetDiffers.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gate-numbers", "watch-numbers"})
  void measurementsWithoutAPause_areRefused(String phase) {
    Parameter every = inputs(phase).find("every").orElseThrow();

    assertThatThrownBy(() -> PhaseInputs.value(every, "PT0S")).hasMessage("must be at least PT1S");
    assertThat(PhaseInputs.value(every, "1s")).isEqualTo("PT1S");
    assertThat(
            Validation.buildDefaultValidatorFactory()
                .getValidator()
                .validateValue(AwaitCondition.Input.class, "every", Duration.ZERO))
        .isNotEmpty();
  }

  @Test
  void watchThatIsNotShorterThanItsDeadline_isRefused() {
    PhaseInputs inputs = inputs("watch-numbers");

    assertThatThrownBy(
            () -> inputs.values(Map.of("numbers", "a = exit it", "table", "x", "duration", "48h")))
        .hasMessage("input 'duration' (PT48H) must be shorter than input 'deadline' (PT48H)");
  }

  private static PhaseInputs inputs(String phase) {
    return PhaseInputs.of(
            Bpmn.readModelFromFile(
                ModelFiles.PROCESSES.resolve("phases/" + phase + ".bpmn").toFile()))
        .orElseThrow();
  }
}
