package io.belay.capability.document.query;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Keeps the places of the matches to return, in bounded memory: at most {@code skip + limit} of
 * them, and of each document only its sort key.
 */
public final class Page {

  private record Match(List<JsonNode> key, long place) {}

  private final Find find;
  private final Comparator<Match> order;
  private final PriorityQueue<Match> best;

  public Page(Find find) {
    this.find = find;
    this.order = Comparator.comparing(Match::key, find.order());
    this.best = new PriorityQueue<>(order.reversed());
  }

  public void add(JsonNode document, long place) {
    Match match = new Match(find.sortKey(document), place);
    if (best.size() < find.skip() + find.limit()) {
      best.add(match);
    } else if (order.compare(match, best.peek()) < 0) {
      best.poll();
      best.add(match);
    }
  }

  /** The places in order, without those skipped. */
  public List<Long> places() {
    List<Match> sorted = new ArrayList<>(best);
    Collections.sort(sorted, order);
    return sorted.stream().skip(find.skip()).map(Match::place).toList();
  }
}
