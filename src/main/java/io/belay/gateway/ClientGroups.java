package io.belay.gateway;

import io.belay.split.Bucketing;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts requests and 4xx by groups of clients, so that a reader can tell many clients from a busy
 * one: a sticky key always falls into the same of 64 groups. A request without a key is in none; it
 * is split on its own, so no client has its 4xx on one side only.
 */
final class ClientGroups {

  static final int NONE = -1;

  private static final int GROUPS = 64;
  private static final String SEED = UUID.randomUUID().toString();

  private final AtomicLongArray requests = new AtomicLongArray(GROUPS);
  private final AtomicLongArray status4xx = new AtomicLongArray(GROUPS);

  /**
   * @param key null or empty when the request has none
   */
  static int of(String key) {
    return key == null || key.isEmpty() ? NONE : Bucketing.BELAY_1.bucket(SEED, key) % GROUPS;
  }

  void count(int group, boolean is4xx) {
    if (group != NONE) {
      requests.incrementAndGet(group);
      if (is4xx) {
        status4xx.incrementAndGet(group);
      }
    }
  }

  /** Requests and 4xx by group; without the groups that had no request. */
  Map<Integer, List<Long>> report() {
    Map<Integer, List<Long>> report = new TreeMap<>();
    for (int group = 0; group < GROUPS; group++) {
      // A 4xx is counted after its request, so it is read first.
      long failed = status4xx.get(group);
      long all = requests.get(group);
      if (all > 0) {
        report.put(group, List.of(all, failed));
      }
    }
    return report;
  }
}
