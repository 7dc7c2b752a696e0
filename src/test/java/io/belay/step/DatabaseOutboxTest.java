package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.step.Outbox.Message;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DatabaseOutboxTest {

  private static final Duration LONG = Duration.ofMinutes(5);

  private OutboxWorld world;

  @BeforeEach
  void start() throws Exception {
    world = new OutboxWorld();
  }

  private static Message message(String key, String text) {
    return new Message(key, "notifyPeople", "run", "test", "hook", "address", 7, text, 0);
  }

  @Test
  void messageIsKeptOnce_andTakenByOneNodeAtATime() {
    Outbox one = world.outbox();
    one.keep(message("a", "first"));
    one.keep(message("a", "second"));
    List<Optional<Message>> taken =
        IntStream.range(0, 8).parallel().mapToObj(node -> world.outbox().take(LONG)).toList();
    assertThat(taken.stream().flatMap(Optional::stream))
        .singleElement()
        .isEqualTo(
            new Message("a", "notifyPeople", "run", "test", "hook", "address", 7, "first", 1));
  }

  @Test
  void messageOfANodeThatDied_isTakenByAnother_whenItsLeaseEnds() {
    world.outbox().keep(message("a", "x".repeat(10_000)));
    assertThat(world.outbox().take(Duration.ofMillis(50))).isPresent();
    Optional<Message> again =
        Awaitility.await().until(() -> world.outbox().take(LONG), Optional::isPresent);
    assertThat(again.orElseThrow().attempt()).isEqualTo(2);
    assertThat(again.orElseThrow().text()).hasSize(10_000);
  }

  @Test
  void messageThatIsPostponed_waits_andOneThatHasLeft_isGone_withANoteInTheRunsLog() {
    Outbox outbox = world.outbox();
    outbox.keep(message("a", "text"));
    outbox.postpone(outbox.take(LONG).orElseThrow(), LONG, "not yet");
    assertThat(outbox.take(LONG)).isEmpty();
    outbox.keep(message("b", "text"));
    Message other = outbox.take(LONG).orElseThrow();
    outbox.postpone(other, Duration.ZERO, null);
    Message again = outbox.take(LONG).orElseThrow();
    outbox.postpone(other, Duration.ZERO, "an attempt that was replaced changes nothing");
    assertThat(outbox.take(LONG)).isEmpty();
    outbox.end(again, "delivered");
    assertThat(world.kept()).isEqualTo(1);
    assertThat(world.logs("run")).containsExactly("not yet", "delivered");
  }
}
