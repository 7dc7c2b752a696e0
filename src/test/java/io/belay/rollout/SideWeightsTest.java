package io.belay.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SideWeightsTest {

  @Test
  void unequalGroups_stillSplitAsWanted() {
    assertThat(SideWeights.of(50, 2, 1)).isEqualTo(new SideWeights(50, 100));
    assertThat(SideWeights.of(10, 1, 3)).satisfies(w -> assertThat(w.baseline()).isEqualTo(256));
    assertThat(SideWeights.of(0, 3, 1)).isEqualTo(new SideWeights(100, 0));
    assertThat(SideWeights.of(100, 3, 1)).isEqualTo(new SideWeights(0, 100));
  }

  @Test
  void aShareThatCannotBeExpressed_isRefused() {
    assertThatThrownBy(() -> SideWeights.of(1, 1, 7)).hasMessageContaining("nothing was changed");
  }
}
