package io.belay.document.query;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Keeps the places of those matches that are to be answered, in bounded memory: no more of them
 * than {@code skip + limit}, and of a document only what it is sorted by.
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

  /** In order, without those that are skipped. */
  public List<Long> places() {
    List<Match> sorted = new ArrayList<>(best);
    Collections.sort(sorted, order);
    return sorted.stream().skip(find.skip()).map(Match::place).toList();
  }
}
