package io.belay.model.lint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelLintTest {

  @Test
  void soundSet_hasNoFindings() {
    TestModels.good().isAccepted();
  }

  @Test
  void refusal_listsEveryMistakeWithFileElementAndRule() {
    TestModels broken =
        TestModels.good()
            .replace(TestModels.CHANGE, "${changeThings}", "${burnThings}")
            .replace(TestModels.FORM, "\"approve\"", "\"other\"");

    List<Finding> findings = broken.check();
    assertThat(findings).hasSize(2);
    assertThat(new ModelRefused(findings))
        .hasMessageContaining("nothing was deployed; what was there before stays")
        .hasMessageContaining(
            "phases/change.bpmn: Task_ChangeThings: there is no step 'burnThings'")
        .hasMessageContaining("\nforms/approve.form: other: the form's id is not the file's name");
  }

  @Test
  void emptySet_isRefused() {
    assertThat(new ModelLint(TestSteps.all(), (delegate, inputs) -> null).check(Map.of()))
        .extracting(Finding::rule)
        .containsExactly(
            "there is no model in the set; a set holds everything that is to be deployed");
  }

  @Test
  void ruleThatCannotBeChecked_refusesTheSet() {
    ModelLint lint =
        new ModelLint(
            TestSteps.all(),
            (delegate, inputs) -> {
              throw new IllegalStateException("broken");
            });
    assertThat(lint.check(TestModels.good().content()))
        .extracting(Finding::rule)
        .hasSize(2)
        .allSatisfy(rule -> assertThat(rule).contains("cannot be checked", "broken"))
        .anySatisfy(rule -> assertThat(rule).contains("StepInputs"));
  }
}
