package io.belay.capability.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.step.FakeStepContext;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ByHandTest {

  private final BeginByHand begin = new BeginByHand();
  private final ConfirmTakenBack confirm = new ConfirmTakenBack();
  private final FakeStepContext context = new FakeStepContext(Map.of());

  @Test
  void workThatNobodyConfirmsAsTakenBack_stands() throws Exception {
    context.began(begin, new BeginByHand.Input("3. Update DNS"));

    assertThatThrownBy(
            () -> context.run(confirm, new ConfirmTakenBack.Input("3. Update DNS", false)))
        .hasMessageContaining("nobody has confirmed")
        .hasMessageContaining("still stands");
    assertThat(context.takenBack()).isEmpty();
  }

  @Test
  void confirmedWork_isTakenBack_andNoOther() throws Exception {
    context.run(begin, new BeginByHand.Input("3. Update DNS"));
    context.run(begin, new BeginByHand.Input("4. Call the bank"));

    context.run(confirm, new ConfirmTakenBack.Input("3. Update DNS", true));
    assertThat(context.takenBack()).containsExactly("beginByHand-1");
  }

  @Test
  void workThatWasNeverBegun_needsNobody() throws Exception {
    assertThat(context.run(confirm, new ConfirmTakenBack.Input("x", false)).confirmed()).isZero();
  }
}
