package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StepFailuresTest {

  @Test
  void secretAtTheEdgeOfAShortenedText_isMaskedAsAWhole() {
    RuntimeException failure = new RuntimeException("x".repeat(1493) + "s3cret-word and more");
    String told = StepFailures.describe(failure, text -> text.replace("s3cret-word", "******"));
    assertThat(told).endsWith("******…").doesNotContain("s3c");
  }

  @Test
  void messageOfACause_isToldOnce() {
    RuntimeException failure = new RuntimeException("a: b", new RuntimeException("b"));
    assertThat(StepFailures.describe(failure)).isEqualTo("a: b");
  }
}
