package io.belay.capability.rollout;

import io.belay.target.ClientGroups;
import io.belay.target.RouterStatistics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Reads the rows of HAProxy's {@code show stat} (management guide, section 9.1).
 *
 * <p>No column counts the requests without an answer. What is known: sessions ({@code stot}, one
 * per request and attempt to connect), repeated attempts ({@code wretr}), answers ({@code req_tot})
 * and clients that left ({@code cli_abrt}, before or during the answer). The difference is what had
 * no answer, or waits for it ({@code scur}). It matters on connections that clients keep: when the
 * server closes its own without an answer, HAProxy closes the client's too, and counts nothing.
 *
 * <p>Failures are answers with 5xx ({@code hrsp_5xx}) and the larger of two: requests without an
 * answer, and what HAProxy says of no connection ({@code econ}), no or half an answer ({@code
 * eresp}, which includes {@code srv_abrt}; some of these count twice), and each attempt repeated at
 * the same server ({@code wretr}) or another ({@code wredis}). No client can inflate these: a
 * client's errors count in {@code ereq} of the frontend, which is not read.
 */
final class HaproxyStatistics {

  private static final List<String> FAILURES = List.of("econ", "eresp", "wretr", "wredis");

  private HaproxyStatistics() {}

  /**
   * @param rows of the backend's servers
   * @param sideOf returns a server's side by its name
   * @param weight share of the candidate, in percent
   */
  static RouterStatistics of(
      List<Map<String, String>> rows,
      String baseline,
      String candidate,
      UnaryOperator<String> sideOf,
      double weight) {
    RouterStatistics.Side nothing = new RouterStatistics.Side(0, 0, 0, new TreeMap<>());
    Map<String, RouterStatistics.Side> sides = new TreeMap<>();
    Map<String, RouterStatistics.Side> servers = new TreeMap<>();
    for (Map<String, String> row : rows) {
      String name = row.getOrDefault("svname", "");
      RouterStatistics.Side counted = counted(row);
      servers.put(name, counted);
      sides.merge(sideOf.apply(name), counted, RouterStatistics.Side::plus);
    }
    return new RouterStatistics(
        sides.getOrDefault(baseline, nothing),
        sides.getOrDefault(candidate, nothing),
        servers,
        weight);
  }

  private static RouterStatistics.Side counted(Map<String, String> row) {
    long answered = number(row, "req_tot");
    long failed = FAILURES.stream().mapToLong(column -> number(row, column)).sum();
    long begun = number(row, "stot") - number(row, "wretr");
    return new RouterStatistics.Side(
        answered,
        number(row, "hrsp_4xx"),
        number(row, "hrsp_5xx") + failed,
        new TreeMap<>(),
        new RouterStatistics.Unanswered(
            begun - answered - number(row, "cli_abrt"),
            failed,
            number(row, "scur"),
            new TreeMap<>()),
        ClientGroups.NONE);
  }

  /** 0 when the column has no value. */
  private static long number(Map<String, String> row, String column) {
    String value = row.getOrDefault(column, "");
    return value.isEmpty() ? 0 : Long.parseLong(value);
  }
}
