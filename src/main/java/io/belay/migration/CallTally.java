package io.belay.migration;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjLongConsumer;

/**
 * Counts what is repeated, so that little is written of it: the first time at once, those of the
 * minute after it as one number. Of more than {@value #MOST} different ones in a minute the others
 * count as one, so that nobody can make a journal grow at will.
 */
final class CallTally<K> {

  static final int MOST = 500;
  private static final Duration TOGETHER = Duration.ofMinutes(1);

  private record Count(Instant writtenAt, long unwritten) {}

  private final Clock clock;
  private final ObjLongConsumer<K> write;
  private final Map<K, Count> counts = new HashMap<>();

  /**
   * @param write takes what is to be written, and how often it was
   */
  CallTally(Clock clock, ObjLongConsumer<K> write) {
    this.clock = clock;
    this.write = write;
  }

  /**
   * @param others what stands for it when there are too many different ones
   */
  void count(K call, K others) {
    Map<K, Long> due = new HashMap<>();
    synchronized (counts) {
      Instant now = clock.instant();
      takeDue(now.minus(TOGETHER), due);
      K key = counts.size() < MOST || counts.containsKey(call) ? call : others;
      Count before = counts.get(key);
      if (before == null) {
        counts.put(key, new Count(now, 0));
        due.merge(key, 1L, Long::sum);
      } else {
        counts.put(key, new Count(before.writtenAt(), before.unwritten() + 1));
      }
    }
    due.forEach(write::accept);
  }

  /** Writes all that was counted and not written yet. */
  void flush() {
    Map<K, Long> due = new HashMap<>();
    synchronized (counts) {
      takeDue(Instant.MAX, due);
    }
    due.forEach(write::accept);
  }

  private void takeDue(Instant writtenBefore, Map<K, Long> due) {
    counts
        .entrySet()
        .removeIf(
            entry -> {
              Count count = entry.getValue();
              boolean over = !count.writtenAt().isAfter(writtenBefore);
              if (over && count.unwritten() > 0) {
                due.put(entry.getKey(), count.unwritten());
              }
              return over;
            });
  }
}
