package io.belay.face.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.TickingClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallTallyTest {

  private final List<String> written = new ArrayList<>();
  private final TickingClock clock = new TickingClock();
  private final CallTally<String> tally =
      new CallTally<>(clock, (call, times) -> written.add(call + " " + times));

  @Test
  void firstIsWrittenAtOnce_andThoseOfItsMinuteAsANumber() {
    tally.count("a", "others");
    tally.count("a", "others");
    tally.count("a", "others");
    assertThat(written).containsExactly("a 1");

    clock.advance(Duration.ofMinutes(1));
    tally.count("b", "others");

    assertThat(written).containsExactlyInAnyOrder("a 1", "a 2", "b 1");
    tally.count("a", "others");
    assertThat(written).contains("a 1", "a 2", "a 1");
  }

  @Test
  void whatWasNotRepeated_isWrittenOnce() {
    tally.count("a", "others");
    clock.advance(Duration.ofMinutes(2));
    tally.count("b", "others");
    tally.flush();
    assertThat(written).containsExactly("a 1", "b 1");
  }

  @Test
  void nothingIsLost_whenItEnds() {
    tally.count("a", "others");
    tally.count("a", "others");
    tally.flush();
    tally.flush();
    assertThat(written).containsExactly("a 1", "a 1");
  }

  @Test
  void floodOfDifferentCalls_isBounded_andCounted() {
    for (int i = 0; i < 100_000; i++) {
      tally.count("call " + i, "others");
    }
    assertThat(written).hasSize(CallTally.MOST + 1);
    tally.flush();
    assertThat(written).hasSize(CallTally.MOST + 2);
    assertThat(written.get(written.size() - 1))
        .isEqualTo("others " + (100_000 - CallTally.MOST - 1));
  }
}
