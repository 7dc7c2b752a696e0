package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LastAskedTest {

  private final LastAsked<Integer, String> known = new LastAsked<>();
  private final AtomicInteger asked = new AtomicInteger();

  @Test
  void isLookedUpOnce() {
    assertThat(known.get(1, this::lookUp)).isEqualTo("1");
    assertThat(known.get(1, this::lookUp)).isEqualTo("1");

    assertThat(asked).hasValue(1);
  }

  @Test
  void whatWasAskedLongAgo_isForgotten() {
    IntStream.rangeClosed(0, 1000)
        .forEach(
            key -> {
              known.get(key, this::lookUp);
              known.get(0, this::lookUp);
            });
    known.get(0, this::lookUp);
    known.get(1000, this::lookUp);
    assertThat(asked).as("0 is asked for all the time, 1000 came last").hasValue(1001);

    known.get(1, this::lookUp);
    assertThat(asked).hasValue(1002);
  }

  @Test
  void failedLookUp_isTriedAgain() {
    assertThatThrownBy(
            () ->
                known.get(
                    1,
                    key -> {
                      throw new IllegalStateException("not now");
                    }))
        .isInstanceOf(IllegalStateException.class);

    assertThat(known.get(1, this::lookUp)).isEqualTo("1");
  }

  private String lookUp(Integer key) {
    asked.incrementAndGet();
    return key.toString();
  }
}
