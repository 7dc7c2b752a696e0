package io.belay.capability.rollout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.belay.target.RouterStatistics;
import io.belay.target.RouterTarget;
import io.belay.target.TargetException;
import io.belay.target.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * HAProxy, over its runtime API. In the target's backend, a server belongs to a side if its name is
 * the side's name, or starts with it and a dash ({@code v1}; {@code v1-1}, {@code v1-2}). The
 * weight is the candidate's share of all server weights, whether the servers are drained or not;
 * after a shift all servers of a side weigh the same.
 *
 * <p>Limits: the backend's balance algorithm must allow weights to change (roundrobin, leastconn,
 * consistent hashes). A server of weight 0 still serves users bound to it by a persistence cookie.
 * A restart of HAProxy without a server state file loses the weights, and the highest fencing
 * number too: see {@link HaproxyFence}.
 */
final class HaproxyRouter implements Router {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** All bits of {@code srv_admin_state} that mean maintenance or drain. */
  private static final int OUT_OF_SERVICE = 0x01 | 0x02 | 0x04 | 0x08 | 0x10 | 0x20;

  private final RouterTarget target;
  private final HaproxyRuntime runtime;
  private final HaproxyFence fences;

  HaproxyRouter(RouterTarget target, HaproxyRuntime runtime) {
    this.target = target;
    this.runtime = runtime;
    this.fences = new HaproxyFence(target, runtime);
  }

  /** Values of {@code srv_op_state} for warming up, and fully up. */
  private static final Set<Long> UP = Set.of(1L, 2L);

  private record Row(String name, String side, int weight, boolean outOfService, boolean up) {}

  private List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (Map<String, String> row :
        runtime.table("show servers state " + target.backend(), "\\s+")) {
      String name = row.getOrDefault("srv_name", "");
      rows.add(
          new Row(
              name,
              side(name),
              (int) number(row.getOrDefault("srv_uweight", ""), "srv_uweight"),
              (number(row.getOrDefault("srv_admin_state", ""), "srv_admin_state") & OUT_OF_SERVICE)
                  != 0,
              UP.contains(number(row.getOrDefault("srv_op_state", ""), "srv_op_state"))));
    }
    return rows;
  }

  /** All servers, with at least one on each side. */
  private List<Row> splitRows() {
    List<Row> rows = rows();
    for (String side : List.of(target.baseline(), target.candidate())) {
      if (rows.stream().noneMatch(row -> side.equals(row.side()))) {
        throw new TargetException(
            "backend '%s' of %s has no server '%s' or '%s-…'; it has %s"
                .formatted(
                    target.backend(),
                    target.describe(),
                    side,
                    side,
                    rows.stream().map(Row::name).toList()));
      }
    }
    return rows;
  }

  private String side(String server) {
    for (String side : List.of(target.baseline(), target.candidate())) {
      if (server.equals(side) || server.startsWith(side + "-")) {
        return side;
      }
    }
    return "";
  }

  private static Map<String, Integer> weights(List<Row> rows) {
    return rows.stream()
        .filter(row -> !row.side().isEmpty())
        .collect(Collectors.toMap(Row::name, Row::weight, (a, b) -> a, TreeMap::new));
  }

  private Weight share(Map<String, Integer> weights) {
    int candidate = 0;
    int all = 0;
    int candidates = 0;
    for (Map.Entry<String, Integer> entry : weights.entrySet()) {
      boolean ours = side(entry.getKey()).equals(target.candidate());
      all += entry.getValue();
      candidate += ours ? entry.getValue() : 0;
      candidates += ours ? 1 : 0;
    }
    return SideWeights.share(candidate, all, weights.size() - candidates, candidates);
  }

  @Override
  public State state() {
    Map<String, Integer> weights = weights(splitRows());
    return new State(share(weights), JSON.valueToTree(weights).toString());
  }

  @Override
  public Weight shift(Weight weight, long fence) {
    List<Row> rows = splitRows();
    if (share(weights(rows)).equals(weight)) {
      return weight;
    }
    SideWeights wanted = sideWeights(weight, rows);
    Map<String, Integer> weights = new TreeMap<>(weights(rows));
    weights.replaceAll(
        (name, old) ->
            side(name).equals(target.candidate()) ? wanted.candidate() : wanted.baseline());
    return set(weights, fence);
  }

  @Override
  public void requireExpressible(Weight weight) {
    sideWeights(weight, splitRows());
  }

  private SideWeights sideWeights(Weight weight, List<Row> rows) {
    return SideWeights.of(weight, count(rows, target.baseline()), count(rows, target.candidate()));
  }

  @Override
  public Weight restore(State state, long fence) {
    try {
      return set(
          JSON.readValue(state.document(), new TypeReference<TreeMap<String, Integer>>() {}),
          fence);
    } catch (JsonProcessingException e) {
      throw new TargetException("the saved weights cannot be read; nothing was changed", e);
    }
  }

  private Weight set(Map<String, Integer> wanted, long fence) {
    Map<String, Integer> before = weights(splitRows());
    if (!before.equals(wanted)) {
      ReceivingSide.require(target, share(before), share(wanted), servers());
      fences.claim(fence);
    }
    // Raise before lowering, so that the total is never 0.
    wanted.entrySet().stream()
        .filter(entry -> !entry.getValue().equals(before.get(entry.getKey())))
        .sorted(
            (a, b) ->
                Integer.compare(
                    b.getValue() - before.getOrDefault(b.getKey(), 0),
                    a.getValue() - before.getOrDefault(a.getKey(), 0)))
        .forEach(
            entry ->
                runtime.tell(
                    "set server %s/%s weight %d"
                        .formatted(target.backend(), entry.getKey(), entry.getValue())));
    Map<String, Integer> now = weights(splitRows());
    if (!now.equals(wanted)) {
      throw new TargetException(
          "%s was told the weights %s but says %s; somebody else changes it"
              .formatted(target.describe(), wanted, now));
    }
    return share(now);
  }

  private static int count(List<Row> rows, String side) {
    return (int) rows.stream().filter(row -> row.side().equals(side)).count();
  }

  @Override
  public List<Server> servers() {
    Map<String, Long> sessions = new TreeMap<>();
    for (Map<String, String> row : statisticsRows()) {
      sessions.put(row.getOrDefault("svname", ""), number(row.getOrDefault("scur", "0"), "scur"));
    }
    return rows().stream()
        .map(
            row ->
                new Server(
                    row.name(),
                    row.side(),
                    row.outOfService(),
                    row.up(),
                    sessions.getOrDefault(row.name(), 0L)))
        .toList();
  }

  @Override
  public void drain(String server, long fence) {
    setState(server, "drain", true, fence);
  }

  @Override
  public void undrain(String server, long fence) {
    setState(server, "ready", false, fence);
  }

  private void setState(String name, String state, boolean outOfService, long fence) {
    if (server(name).drained() == outOfService) {
      return;
    }
    fences.claim(fence);
    runtime.tell("set server %s/%s state %s".formatted(target.backend(), name, state));
    if (server(name).drained() != outOfService) {
      throw new TargetException(
          "%s was told to set '%s' to %s, but does not say so; somebody else changes it"
              .formatted(target.describe(), name, state));
    }
  }

  @Override
  public RouterStatistics statistics() {
    double weight = state().weight().percent();
    try {
      return HaproxyStatistics.of(
          statisticsRows(), target.baseline(), target.candidate(), this::side, weight);
    } catch (NumberFormatException e) {
      throw new TargetException(
          "%s tells no statistics that can be read: %s"
              .formatted(target.describe(), e.getMessage()),
          e);
    }
  }

  private List<Map<String, String>> statisticsRows() {
    return runtime.table("show stat", ",").stream()
        .filter(row -> target.backend().equals(row.get("pxname")))
        .toList();
  }

  private long number(String value, String column) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new TargetException(
          "%s says '%s' where a number is expected (%s); is it HAProxy that answers there?"
              .formatted(target.describe(), value, column),
          e);
    }
  }
}
