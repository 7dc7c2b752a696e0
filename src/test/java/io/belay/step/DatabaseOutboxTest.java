package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.step.Outbox.Message;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
        IntStream.range(0, 8)
            .parallel()
            .mapToObj(node -> world.outbox().take(LONG, Set.of()))
            .toList();
    assertThat(taken.stream().flatMap(Optional::stream))
        .singleElement()
        .isEqualTo(
            new Message("a", "notifyPeople", "run", "test", "hook", "address", 7, "first", 1));
  }

  @Test
  void messageOfANodeThatDied_isTakenByAnother_whenItsLeaseEnds() {
    world.outbox().keep(message("a", "x".repeat(10_000)));
    assertThat(world.outbox().take(Duration.ofMillis(50), Set.of())).isPresent();
    Optional<Message> again =
        Awaitility.await().until(() -> world.outbox().take(LONG, Set.of()), Optional::isPresent);
    assertThat(again.orElseThrow().attempt()).isEqualTo(2);
    assertThat(again.orElseThrow().text()).hasSize(10_000);
  }

  @Test
  void messageThatIsPostponed_waits_andOneThatHasLeft_isGone_withANoteInTheRunsLog() {
    Outbox outbox = world.outbox();
    outbox.keep(message("a", "text"));
    outbox.postpone(outbox.take(LONG, Set.of()).orElseThrow(), LONG, "not yet");
    assertThat(outbox.take(LONG, Set.of())).isEmpty();
    outbox.keep(message("b", "text"));
    Message other = outbox.take(LONG, Set.of()).orElseThrow();
    outbox.postpone(other, Duration.ZERO, null);
    Message again = outbox.take(LONG, Set.of()).orElseThrow();
    outbox.postpone(other, Duration.ZERO, "an attempt that was replaced changes nothing");
    assertThat(outbox.take(LONG, Set.of())).isEmpty();
    outbox.end(again, "delivered");
    assertThat(world.kept()).isEqualTo(1);
    assertThat(world.logs("run")).containsExactly("not yet", "delivered");
  }

  @Test
  void messagesToABusyAddress_leaveTheOthersTheirTurn() {
    Outbox outbox = world.outbox();
    for (int number = 0; number < 30; number++) {
      outbox.keep(message("busy" + number, "text"));
    }
    outbox.keep(new Message("b", "notifyPeople", "run", "test", "hook", "other", 7, "text", 0));
    assertThat(outbox.take(LONG, Set.of("address", "third")).orElseThrow().key()).isEqualTo("b");
    assertThat(outbox.take(LONG, Set.of("address"))).isEmpty();
  }
}
