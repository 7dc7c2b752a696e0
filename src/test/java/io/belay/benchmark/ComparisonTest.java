package io.belay.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {

  @Test
  void sides_runInTurn_eachAfterItsPreparation() throws Exception {
    List<String> calls = new ArrayList<>();
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Comparison comparison =
        new Comparison("two ways")
            .side("ours", () -> calls.add("prepare"), () -> calls.add("ours"))
            .side("theirs", () -> calls.add("theirs"));
    comparison.run(1, new PrintStream(printed, true, StandardCharsets.UTF_8));
    comparison.print("theirs", new PrintStream(printed, true, StandardCharsets.UTF_8));

    assertThat(calls).containsExactly("prepare", "ours", "theirs", "prepare", "ours", "theirs");
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("| ours |")
        .containsPattern("\\| theirs \\| .* \\| 1.00 \\|");
  }

  @Test
  void median_isTheMiddle_orBetweenTheTwoInTheMiddle() {
    assertThat(Comparison.median(List.of(9.0, 1.0, 2.0))).isEqualTo(2.0);
    assertThat(Comparison.median(List.of(1.0, 2.0, 4.0, 9.0))).isEqualTo(3.0);
  }
}
