package io.belay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.model.bpmn.Bpmn;
import org.junit.jupiter.api.Test;

/** The values that calls pass to inputs of phases. */
class PhaseInputValuesTest {

  private static final Parameter TEXT =
      new Parameter(
          "numbers",
          "Numbers",
          "",
          Parameter.Type.TEXT,
          true,
          null,
          List.of(),
          List.of(),
          null,
          null,
          null,
          List.of());

  @Test
  void text_keepsItsLines() {
    assertThat(PhaseInputs.value(TEXT, " # Question\r\n\n* go\n* no-go\n"))
        .isEqualTo("# Question\n\n* go\n* no-go");
  }

  @Test
  void text_isNoLongerThanAVariable_andHasNoControlCharacters() {
    assertThat(PhaseInputs.value(TEXT, "x".repeat(4000))).isEqualTo("x".repeat(4000));
    assertThatThrownBy(() -> PhaseInputs.value(TEXT, "x".repeat(4001)))
        .hasMessage("must have at most 4000 characters");
    assertThatThrownBy(() -> PhaseInputs.value(TEXT, "a\u001bb"))
        .hasMessage("must not have control characters");
  }

  @Test
  void watchThatIsNotShorterThanItsDeadline_isSaidBeforeTheRun() {
    var shop = Bpmn.readModelFromFile(new File("examples/shop/processes/runbooks/shop.bpmn"));
    var watch =
        Bpmn.readModelFromFile(ModelFiles.PROCESSES.resolve("phases/watch-numbers.bpmn").toFile());
    List<String> problems = new ArrayList<>();
    CallScope.of(Map.of("watchOrders", "PT48H"))
        .called(shop.getModelElementById("Phase_Orders"), PhaseInputs.of(watch), problems);

    assertThat(problems)
        .containsExactly("input 'duration' (PT48H) must be shorter than input 'deadline' (PT48H)");
  }
}
