package io.belay.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.camunda.bpm.dmn.engine.DmnDecisionResultEntries;
import org.camunda.bpm.dmn.engine.DmnEngine;
import org.camunda.bpm.dmn.engine.DmnEngineConfiguration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The success criteria, row by row. */
class GateDecisionsTest {

  private static final DmnEngine ENGINE =
      DmnEngineConfiguration.createDefaultDmnEngineConfiguration().buildEngine();

  private final Map<String, Object> values = new HashMap<>();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "complete | false | NO_DATA | The measurement is incomplete: redis",
        "errorRate5xx | 0.001 | FAIL | Error rate (5xx) is 0.100 %, the limit is 0.1 %",
        "errorRate5xx | 0.00099 | PASS | 'All criteria met: P95 120.4 ms, 100 samples, 40 request(s) of users; compared'",
        "p95Ms | 200 | FAIL | P95 latency is 200.0 ms, the limit is 200 ms",
        "p95Ms | 199.9 | PASS | 'All criteria met: P95 199.9 ms, 100 samples, 40 request(s) of users; compared'",
        "processingRatio | 0.94 | FAIL | 'The new version processes 94.00 % of what the old one does, the limit is 95 %'",
        "processingRatio | 0.94999 | FAIL | 'The new version processes 94.99 % of what the old one does, the limit is 95 %'",
        "processingRatio | 0.95 | PASS | 'All criteria met: P95 120.4 ms, 100 samples, 40 request(s) of users; compared'",
        "integrationsDown | 1 | FAIL | 1 integration(s) down",
        "redisUp | false | FAIL | Redis is not reachable",
        "poolUsage | 0.9 | FAIL | 'The connection pool is used to 90.0 %, the limit is 90 %'",
        "memoryUsage | 0.95 | FAIL | 'Memory is used to 95.0 %, the limit is 90 %'",
        "cpuUsage | 1.0 | FAIL | 'CPU is used to 100.0 %, the limit is 90 %'",
        "diskUsage | 0.9 | FAIL | 'Disk is used to 90.0 %, the limit is 90 %'",
        "errorLines | 2 | FAIL | 2 ERROR line(s) in the log",
        "samples | 9 | INCONCLUSIVE | Only 9 sample(s), 10 are needed",
        "failedProbes | 3 | FAIL | '3 of 100 probes failed, first http://v2/a: 404 instead of 2xx'",
        "failedProbes | null | INCONCLUSIVE | A value is missing or out of its range",
        "excess4xx | 0.5 | FAIL | '4xx are 50.0 points of users'' requests above the old version''s, the limit is 5'",
        "excess4xx | NaN | INCONCLUSIVE | A value is missing or out of its range",
        "userRequests | 0 | INCONCLUSIVE | 'Only 0 request(s) of users reached the new version in the window, 10 are needed: 10 more'",
        "userRequests | 9 | INCONCLUSIVE | 'Only 9 request(s) of users reached the new version in the window, 10 are needed: 1 more'",
        "userRequests | null | INCONCLUSIVE | A value is missing or out of its range",
        "servesUsers | null | INCONCLUSIVE | A value is missing or out of its range",
        "servesUsers | false | PASS | 'All criteria met: P95 120.4 ms, 100 samples, 40 request(s) of users; compared'",
        "comparison | WORSE | FAIL | compared",
        "comparison | UNDECIDED | INCONCLUSIVE | compared",
        "comparison | NOT_COMPARED | PASS | 'All criteria met: P95 120.4 ms, 100 samples, 40 request(s) of users; compared'",
        "comparison | null | INCONCLUSIVE | A value is missing or out of its range",
        "p95Ms | -1 | INCONCLUSIVE | A value is missing or out of its range",
        "cpuUsage | null | INCONCLUSIVE | A value is missing or out of its range",
        "p95Ms | NaN | INCONCLUSIVE | A value is missing or out of its range",
        "complete | null | INCONCLUSIVE | A value is missing or out of its range",
        "redisUp | null | INCONCLUSIVE | A value is missing or out of its range"
      })
  void oneValueIsOff_healthGatesSaySo(String name, String value, String verdict, String reason) {
    Map<String, Object> healthy =
        Map.ofEntries(
            Map.entry("complete", true),
            Map.entry("missing", "redis"),
            Map.entry("samples", 100),
            Map.entry("servesUsers", true),
            Map.entry("userRequests", 40),
            Map.entry("failedProbes", 0),
            Map.entry("firstFailedProbe", "http://v2/a: 404 instead of 2xx"),
            Map.entry("excess4xx", 0.0),
            Map.entry("errorRate5xx", 0.0),
            Map.entry("p95Ms", 120.4),
            Map.entry("processingRatio", 1.02),
            Map.entry("integrationsDown", 0),
            Map.entry("redisUp", true),
            Map.entry("poolUsage", 0.2),
            Map.entry("memoryUsage", 0.5),
            Map.entry("cpuUsage", 0.5),
            Map.entry("diskUsage", 0.5),
            Map.entry("errorLines", 0),
            Map.entry("comparison", "NO_WORSE"),
            Map.entry("comparisonReason", "compared"));
    for (String gate : new String[] {"health-gate"}) {
      values.clear();
      values.putAll(healthy);
      values.put(name, value(value));
      assertDecision(gate, verdict, reason);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "missingTables | 1 | FAIL | 1 table(s) or other object(s) missing. looked",
        "missingIndexes | 2 | FAIL | 2 expected index(es) missing. looked",
        "wrongColumns | 1 | FAIL | 1 column(s) or other definition(s) wrong. looked",
        "changedTables | 1 | FAIL | 1 existing table(s) with other content than before. looked",
        "failedQueries | 1 | FAIL | 1 test query(ies) failed. looked",
        "failedQueries | 0 | PASS | 'Existing tables are intact, the new schema is complete'",
        "failedQueries | null | INCONCLUSIVE | A count is missing",
        "missingTables | -1 | INCONCLUSIVE | A count is missing"
      })
  void oneCountIsOff_integrityGateSaysSo(String name, String value, String verdict, String reason) {
    for (String count :
        new String[] {
          "missingTables", "missingIndexes", "wrongColumns", "changedTables", "failedQueries"
        }) {
      values.put(count, 0);
    }
    values.put("finding", "looked");
    values.put(name, value(value));
    assertDecision("integrity-gate", verdict, reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "complete | false | NO_DATA | The measurement is incomplete: the new files",
        "newHealthy | false | FAIL | The new store is not healthy",
        "errorRate | 0.001 | FAIL | Error rate is 0.100 %, the limit is 0.1 %",
        "fallbackRate | 0.004 | FAIL | 'The legacy files answered 0.40 % of the queries, which the new store could not; the limit is 0'",
        "fallbackRate | 0.00001 | FAIL | 'The legacy files answered 0.01 % of the queries, which the new store could not; the limit is 0'",
        "missRate | 0.01 | FAIL | '1.00 % of the documents asked for were not found, the limit is 1 %'",
        "missRate | 0.009 | PASS | 'All criteria met: P95 25.0 ms, 200 calls'",
        "slowdown | 1.6 | FAIL | 'P95 of the new store is 25.00 ms, 1.6000 times that of the legacy files, the limit is 1.5'",
        "slowdown | 1.5004 | FAIL | 'P95 of the new store is 25.00 ms, 1.5004 times that of the legacy files, the limit is 1.5'",
        "slowdown | 1.50001 | FAIL | 'P95 of the new store is 25.00 ms, 1.5001 times that of the legacy files, the limit is 1.5'",
        "slowdown | 1.5 | PASS | 'All criteria met: P95 25.0 ms, 200 calls'",
        "calls | 9 | INCONCLUSIVE | 'Only 9 call(s), 10 are needed'",
        "complete | null | INCONCLUSIVE | A value is missing or out of its range",
        "newHealthy | null | INCONCLUSIVE | A value is missing or out of its range",
        "slowdown | null | INCONCLUSIVE | A value is missing or out of its range",
        "p95New | NaN | INCONCLUSIVE | A value is missing or out of its range",
        "errorRate | -1 | INCONCLUSIVE | A value is missing or out of its range",
        "fallbackRate | null | INCONCLUSIVE | A value is missing or out of its range",
        "lateWrites | 1 | FAIL | 'The new store does not have what was written to legacy files: users.db, u1'",
        "lateWrites | null | INCONCLUSIVE | A value is missing or out of its range"
      })
  void oneValueIsOff_queryGateSaysSo(String name, String value, String verdict, String reason) {
    values.putAll(
        Map.of(
            "complete", true,
            "missing", "the new files",
            "calls", 200,
            "newHealthy", true,
            "errorRate", 0.0,
            "fallbackRate", 0.0,
            "missRate", 0.0,
            "p95New", 25.0,
            "slowdown", 1.2,
            "slowdownLimit", 1.5));
    values.put("lateWrites", 0);
    values.put("lateWrite", "users.db, u1");
    values.put(name, value(value));
    assertDecision("query-gate", verdict, reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "criticalIssues | 2 | FAIL | '2 critical issue(s), rollback is recommended. looked'",
        "warnings | 7 | PASS | 'No critical issue, 7 warning(s)'",
        "criticalIssues | null | INCONCLUSIVE | A count is missing",
        "criticalIssues | -1 | INCONCLUSIVE | A count is missing",
        "warnings | null | INCONCLUSIVE | A count is missing"
      })
  void oneCountIsOff_validationGateSaysSo(
      String name, String value, String verdict, String reason) {
    values.putAll(Map.of("criticalIssues", 0, "warnings", 0, "finding", "looked"));
    values.put(name, value(value));
    assertDecision("validation-gate", verdict, reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "complete | false | NO_DATA | The measurement is incomplete: redis",
        "excess4xx | 0.5 | FAIL | '4xx are 50.0 points of users'' requests above the old version''s, the limit is 5'",
        "excess4xx | 0.049 | PASS | All criteria are met by 40 requests of users",
        "excess4xx | null | INCONCLUSIVE | The measurement says neither yes nor no",
        "comparison | WORSE | FAIL | compared",
        "comparison | UNDECIDED | INCONCLUSIVE | compared",
        "comparison | NOT_COMPARED | PASS | All criteria are met by 40 requests of users",
        "comparison | null | INCONCLUSIVE | The measurement says neither yes nor no",
        "userRequests | 9 | INCONCLUSIVE | 'Only 9 request(s) of users reached the new version, 10 are needed'"
      })
  void oneValueIsOff_shopGateSaysSo(String name, String value, String verdict, String reason) {
    values.putAll(
        Map.of(
            "complete",
            true,
            "missing",
            "redis",
            "samples",
            100,
            "servesUsers",
            true,
            "userRequests",
            40,
            "failedProbes",
            0,
            "excess4xx",
            0.0,
            "errorRate5xx",
            0.0,
            "p95Ms",
            120.4,
            "comparison",
            "NO_WORSE"));
    values.put("comparisonReason", "compared");
    values.put(name, value(value));
    assertDecision(
        Path.of("examples/shop/processes/decisions/shop-gate.dmn"), "shop-gate", verdict, reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "coverage | 80 | FAIL | 'The tests cover 80.0 % of the code, more than 80 % is needed'",
        "coverage | 80.1 | PASS | The tests cover 80.1 % of the code",
        "coverage | 100 | PASS | The tests cover 100.0 % of the code",
        "coverage | 101 | INCONCLUSIVE | The measurement says neither yes nor no",
        "coverage | null | INCONCLUSIVE | The measurement says neither yes nor no",
        "complete | false | NO_DATA | The measurement is incomplete: coverage"
      })
  void coverageGate(String name, String value, String verdict, String reason) {
    values.putAll(Map.of("complete", true, "missing", "coverage", "coverage", 90));
    values.put(name, value(value));
    assertDecision("coverage-gate", verdict, reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "complete | false | NO_DATA | The measurement is incomplete: the log",
        "samples | 4 | INCONCLUSIVE | 'Only 4 samples, 5 are needed'",
        "errorRate5xx | 0.001 | FAIL | 'Error rate (5xx) is 0.100 %, the limit is 0.1 %'",
        "failedProbes | 2 | FAIL | '2 of 50 probes failed, first http://app/search: 500'",
        "poolUsage | 0.9 | FAIL | The connection pool is used to 90 %",
        "memoryUsage | 0.95 | FAIL | Memory is used to 95 %",
        "errorLines | 1 | FAIL | 1 ERROR lines in the log",
        "errorLines | 0 | PASS | 'All criteria met: 50 samples, memory used to 40 %'",
        "errorLines | null | INCONCLUSIVE | The measurement says neither yes nor no",
        "memoryUsage | NaN | INCONCLUSIVE | The measurement says neither yes nor no",
        "comparison | WORSE | FAIL | compared",
        "comparison | UNDECIDED | INCONCLUSIVE | compared",
        "comparison | null | INCONCLUSIVE | The measurement says neither yes nor no",
        "servesUsers | true | INCONCLUSIVE | 'Only 0 request(s) of users reached the new version, 10 are needed'",
        "complete | null | INCONCLUSIVE | The measurement says neither yes nor no"
      })
  void oneValueIsOff_serviceGateSaysSo(String name, String value, String verdict, String reason) {
    values.putAll(
        Map.of(
            "complete",
            true,
            "missing",
            "the log",
            "samples",
            50,
            "errorRate5xx",
            0.0,
            "failedProbes",
            0,
            "firstFailedProbe",
            "http://app/search: 500",
            "poolUsage",
            0.2,
            "memoryUsage",
            0.4,
            "errorLines",
            0));
    values.putAll(
        Map.of(
            "servesUsers",
            false,
            "userRequests",
            0,
            "comparison",
            "NOT_COMPARED",
            "comparisonReason",
            "compared"));
    values.put(name, value(value));
    assertDecision("service-gate", verdict, reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "complete | false | NO_DATA | The measurement is incomplete: newErrors",
        "newRequests | 19 | INCONCLUSIVE | 'Only 19 request(s) to the new version, 20 are needed'",
        "oldRequests | 19 | INCONCLUSIVE | 'Only 19 request(s) to the old version, 20 are needed'",
        "newErrors | 4 | FAIL | 'The new version failed 4 of 1000 requests, the old one 2 of 1000'",
        "newErrors | 3 | PASS | 'P95 of the queries is 4.0 ms with the new version and 4.0 ms with the old one; 3 of 1000 requests failed, 2 of 1000'",
        "newDatabaseP95 | 6.19 | PASS | 'P95 of the queries is 6.2 ms with the new version and 4.0 ms with the old one; 0 of 1000 requests failed, 2 of 1000'",
        "newDatabaseP95 | 6.2 | FAIL | 'P95 of the queries is 6.2 ms with the new version and 4.0 ms with the old one, the limit is 5 % or 2 ms more'",
        "newDatabaseP95 | null | INCONCLUSIVE | The measurement says neither yes nor no",
        "oldDatabaseP95 | NaN | INCONCLUSIVE | The measurement says neither yes nor no",
        "oldErrors | null | INCONCLUSIVE | The measurement says neither yes nor no"
      })
  void oneValueIsOff_comparisonGateSaysSo(
      String name, String value, String verdict, String reason) {
    values.putAll(
        Map.of(
            "complete", true,
            "missing", "newErrors",
            "newRequests", 1000,
            "oldRequests", 1000,
            "newErrors", 0,
            "oldErrors", 2,
            "newDatabaseP95", 4,
            "oldDatabaseP95", 4));
    values.put(name, value(value));
    assertDecision("comparison-gate", verdict, reason);
  }

  private void assertDecision(String gate, String verdict, String reason) {
    assertDecision(
        ModelFiles.PROCESSES.resolve("decisions/" + gate + ".dmn"), gate, verdict, reason);
  }

  private void assertDecision(Path file, String gate, String verdict, String reason) {
    DmnDecisionResultEntries result =
        ENGINE
            .evaluateDecision(ENGINE.parseDecision(gate, ModelFiles.open(file)), values)
            .getSingleResult();
    assertThat(result.getEntryMap())
        .as(gate)
        .containsEntry("verdict", verdict)
        .containsEntry("reason", reason);
  }

  private static Object value(String text) {
    return switch (text) {
      case "null" -> null;
      case "true" -> true;
      case "false" -> false;
      case "WORSE", "UNDECIDED", "NOT_COMPARED" -> text;
      default -> text.matches("-?[0-9]+") ? (Object) Integer.valueOf(text) : Double.valueOf(text);
    };
  }
}
