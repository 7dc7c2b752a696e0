package io.belay.capability.rollout;

import io.belay.target.RouterStatistics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Reads the rows of HAProxy's {@code show stat} (management guide, section 9.1).
 *
 * <p>A server's row has no count of requests that includes those without an answer ({@code req_tot}
 * counts the answers), so requests are its sessions, one per request, minus the repeated attempts
 * to connect. Failures are answers with 5xx ({@code hrsp_5xx}), no connection ({@code econ}), no or
 * half an answer ({@code eresp}, which includes {@code srv_abrt}; HAProxy counts some of these
 * twice), and each attempt repeated at the same server ({@code wretr}) or another ({@code wredis}).
 * No client can inflate these: a client's errors count in {@code ereq} of the frontend and in
 * {@code cli_abrt}, which are not read.
 */
final class HaproxyStatistics {

  private static final List<String> FAILURES =
      List.of("hrsp_5xx", "econ", "eresp", "wretr", "wredis");

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
      RouterStatistics.Side counted =
          new RouterStatistics.Side(
              Math.max(number(row, "req_tot"), number(row, "stot") - number(row, "wretr")),
              number(row, "hrsp_4xx"),
              FAILURES.stream().mapToLong(column -> number(row, column)).sum(),
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

  /** 0 when the column has no value. */
  private static long number(Map<String, String> row, String column) {
    String value = row.getOrDefault(column, "");
    return value.isEmpty() ? 0 : Long.parseLong(value);
  }
}
