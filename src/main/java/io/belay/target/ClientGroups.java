package io.belay.target;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What groups of clients got from one side of a router. All requests of a client are in the same
 * group; a request whose client the router does not know is in none.
 */
public record ClientGroups(NavigableMap<String, Answers> answers) {

  public static final ClientGroups NONE = new ClientGroups(new TreeMap<>());

  /** What one group got. */
  public record Answers(long requests, long status4xx) {

    private Answers plus(Answers other) {
      return new Answers(requests + other.requests, status4xx + other.status4xx);
    }
  }

  ClientGroups since(ClientGroups earlier) {
    NavigableMap<String, Answers> since = new TreeMap<>(answers);
    earlier.answers.forEach(
        (group, before) ->
            since.merge(group, new Answers(-before.requests, -before.status4xx), Answers::plus));
    since.values().removeIf(group -> group.requests <= 0);
    return new ClientGroups(since);
  }

  ClientGroups plus(ClientGroups other) {
    NavigableMap<String, Answers> sum = new TreeMap<>(answers);
    for (Map.Entry<String, Answers> group : other.answers.entrySet()) {
      sum.merge(group.getKey(), group.getValue(), Answers::plus);
    }
    return new ClientGroups(sum);
  }
}
