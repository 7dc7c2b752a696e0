package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class CancelSignalTest {

  private final CancelSignal signal = new CancelSignal();
  private final List<String> done = new ArrayList<>();

  @Test
  void cancel_runsEachActionOnce_inOrder() {
    signal.onCancel(() -> done.add("first"));
    signal.onCancel(() -> done.add("second"));
    assertThat(signal.isCancelled()).isFalse();
    signal.throwIfCancelled();

    signal.cancel();
    signal.cancel();

    assertThat(done).containsExactly("first", "second");
    assertThat(signal.isCancelled()).isTrue();
    assertThatThrownBy(signal::throwIfCancelled).isInstanceOf(CancellationException.class);
  }

  @Test
  void actionAfterTheCancellation_runsAtOnce() {
    signal.cancel();
    signal.onCancel(() -> done.add("late"));
    assertThat(done).containsExactly("late");
  }

  @Test
  void closedRegistration_isNotRun() throws Exception {
    signal.onCancel(() -> done.add("closed")).close();
    signal.cancel();
    assertThat(done).isEmpty();
  }

  @Test
  void failingAction_doesNotKeepTheOthersFromRunning() {
    signal.onCancel(
        () -> {
          throw new IllegalStateException("cannot kill");
        });
    signal.onCancel(() -> done.add("second"));
    signal.cancel();
    assertThat(done).containsExactly("second");
  }

  @Test
  void conditionThatHolds_countsAtTheNextQuestion_andEndsWhatWasRegistered() {
    AtomicBoolean silent = new AtomicBoolean();
    AtomicBoolean ended = new AtomicBoolean();
    CancelSignal lease = new CancelSignal(silent::get);
    lease.onCancel(() -> ended.set(true));
    assertThat(lease.isCancelled()).isFalse();

    silent.set(true);
    assertThat(lease.isCancelled()).isTrue();
    assertThat(ended).isTrue();
    silent.set(false);
    assertThat(lease.isCancelled()).isTrue();
  }
}
