package io.belay.face.migration;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjLongConsumer;

/**
 * Counts repeated calls, so that little is written: the first at once, those of the following
 * minute as one number. Beyond {@value #MOST} different calls in a minute, all others count as one,
 * so that nobody can make the journal grow at will.
 */
final class CallTally<K> {

  static final int MOST = 500;
  private static final Duration TOGETHER = Duration.ofMinutes(1);

  private record Count(Instant writtenAt, long unwritten) {}

  private final Clock clock;
  private final ObjLongConsumer<K> write;
  private final Map<K, Count> counts = new HashMap<>();

  /**
   * @param write receives a call to be written, and how often it occurred
   */
  CallTally(Clock clock, ObjLongConsumer<K> write) {
    this.clock = clock;
    this.write = write;
  }

  /**
   * @param others stands in for the call when there are too many different ones
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

  /** Writes all counts not yet written. */
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
