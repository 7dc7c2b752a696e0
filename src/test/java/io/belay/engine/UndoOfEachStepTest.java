package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.step.StepDelegate;
import io.belay.step.StepPlan.Effect;
import io.belay.step.StepTypes;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.util.StringUtils;

/** Which step takes back which: without it, no run that began the step could end as rolled back. */
class UndoOfEachStepTest {

  private final List<StepDelegate<?, ?>> steps = StepTypes.idle();

  @Test
  void eachStepThatChangesSomething_hasAnUndo_orSaysThatThereIsNone() {
    Set<String> undone =
        steps.stream()
            .filter(UndoDelegate.class::isInstance)
            .flatMap(undo -> undoes(undo).stream())
            .collect(Collectors.toSet());
    List<String> changing =
        steps.stream()
            .filter(step -> step.effect() == Effect.CHANGES)
            .filter(step -> !(step instanceof UndoDelegate))
            .map(UndoOfEachStepTest::name)
            .toList();

    assertThat(changing).isNotEmpty();
    assertThat(undone).containsAll(changing);
  }

  @Test
  void eachUndo_namesStepsThatExist() {
    List<String> names = steps.stream().map(UndoOfEachStepTest::name).toList();
    for (StepDelegate<?, ?> step : steps) {
      assertThat(names).as(name(step)).containsAll(undoes(step));
      assertThat(step instanceof UndoDelegate)
          .as("%s undoes something", name(step))
          .isEqualTo(step.effect() == Effect.CHANGES && !undoes(step).isEmpty());
    }
  }

  private static List<String> undoes(StepDelegate<?, ?> step) {
    return Stream.ofNullable(step.getClass().getAnnotation(Undoes.class))
        .flatMap(undoes -> Stream.of(undoes.value()))
        .toList();
  }

  private static String name(StepDelegate<?, ?> step) {
    return StringUtils.uncapitalize(step.getClass().getSimpleName());
  }
}
