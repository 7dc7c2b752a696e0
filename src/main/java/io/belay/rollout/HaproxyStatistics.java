package io.belay.rollout;

import io.belay.target.RouterStatistics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Reads the rows of HAProxy's {@code show stat}. */
final class HaproxyStatistics {

  private HaproxyStatistics() {}

  /**
   * @param rows of the backend's servers
   * @param sideOf the side to which a server belongs, by its name
   * @param weight share of the candidate, in percent
   */
  static RouterStatistics of(
      List<Map<String, String>> rows,
      String baseline,
      String candidate,
      UnaryOperator<String> sideOf,
      int weight) {
    RouterStatistics.Side nothing = new RouterStatistics.Side(0, 0, 0, new TreeMap<>());
    Map<String, RouterStatistics.Side> sides = new TreeMap<>();
    Map<String, RouterStatistics.Side> servers = new TreeMap<>();
    for (Map<String, String> row : rows) {
      String name = row.getOrDefault("svname", "");
      RouterStatistics.Side counted =
          new RouterStatistics.Side(
              number(row, "req_tot", "stot"),
              number(row, "hrsp_4xx"),
              // HAProxy answers for a server that it cannot reach; that is no 5xx of the server.
              number(row, "hrsp_5xx") + number(row, "econ"),
              new TreeMap<>());
      servers.put(name, counted);
      sides.merge(sideOf.apply(name), counted, RouterStatistics.Side::plus);
    }
    return new RouterStatistics(
        sides.getOrDefault(baseline, nothing),
        sides.getOrDefault(candidate, nothing),
        servers,
        weight);
  }

  /** The first of these columns that has a value; 0 when none has. */
  static long number(Map<String, String> row, String... columns) {
    for (String column : columns) {
      String value = row.getOrDefault(column, "");
      if (!value.isEmpty()) {
        return Long.parseLong(value);
      }
    }
    return 0;
  }
}
