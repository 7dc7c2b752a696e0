package io.belay.capability.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.faults.Babbler;
import io.belay.faults.BlackHole;
import io.belay.step.FakeStepContext;
import io.belay.target.Connections;
import io.belay.target.RedisTarget;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cache that does not answer, or not as Redis does, costs no more than its time-outs. */
@Timeout(60)
class MisbehavingRedisTest {

  private static final Connections CONNECTIONS = new Connections();

  private final TakeRedisBackup take =
      new TakeRedisBackup(
          new RedisBackup(new RedisMemory(CONNECTIONS)), new RedisMemory(CONNECTIONS));

  @AfterAll
  static void close() {
    CONNECTIONS.close();
  }

  private void isRefused(int port) {
    FakeStepContext context =
        new FakeStepContext(
            Map.of(
                "cache",
                new RedisTarget(
                    "localhost", port, "", Secret.of("hunter22"), 5, Duration.ofSeconds(1))));
    assertThatThrownBy(() -> context.run(take, new TakeRedisBackup.Input(List.of("cache"))))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("Redis at localhost:" + port)
        .hasMessageContaining("cannot be reached")
        .hasMessageContaining("Nothing was done there")
        .hasMessageNotContaining("hunter22")
        .hasMessageNotContaining("null");
    assertThat(context.artifacts().ofRun(context.runId())).isEmpty();
  }

  @Test
  void cacheThatNeverAnswers_isGivenUp() throws Exception {
    try (BlackHole silent = BlackHole.silent();
        BlackHole unreachable = BlackHole.unreachable()) {
      isRefused(silent.port());
      isRefused(unreachable.port());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 400 X\r\n\r\n", "-ERR no\r\n", "*9999999999\r\n", "\0"})
  void cacheThatIsNone_isRefused(String words) throws Exception {
    try (Babbler other = Babbler.saying(words)) {
      isRefused(other.port());
    }
  }

  @Test
  void cacheThatNeverStopsTalking_isGivenUp() throws Exception {
    try (Babbler endless = Babbler.endlesslySaying("$2147483647\r\n", "x")) {
      isRefused(endless.port());
    }
  }
}
