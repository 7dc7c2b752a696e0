package io.belay.capability.check.comparison;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * {@code ./belay verify report.json}: judges every comparison of a run's report again, from the
 * counts in the report alone. Exit code 0 when each says what the report says, 1 when one does not,
 * 2 when the file is no report, 3 when the report has no comparison.
 */
public final class ReportVerification {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private static final int NO_COMPARISON = 3;

  private ReportVerification() {}

  public static void main(String[] args) {
    if (args.length != 1) {
      System.err.println("usage: ./belay verify <report.json>");
      System.exit(2);
    }
    try {
      System.exit(verify(JSON.readTree(Files.readAllBytes(Path.of(args[0]))), System.out));
    } catch (IOException e) {
      System.err.printf("%s is no report: %s%n", args[0], e.getMessage());
      System.exit(2);
    }
  }

  /** The journal adds the version of its record to what a step saved. */
  private static JsonNode value(JsonNode entry) {
    JsonNode value = entry.at("/payload/value").deepCopy();
    return value instanceof ObjectNode object ? object.without("recordVersion") : value;
  }

  static int verify(JsonNode report, PrintStream out) throws IOException {
    int same = 0;
    Set<Integer> numbers = new HashSet<>();
    for (JsonNode entry : report.path("evidence")) {
      Judged judged = JSON.treeToValue(value(entry), Judged.class);
      Terms terms = judged.comparison().terms();
      boolean right = judged.holds() && numbers.add(terms.number());
      same += right ? 1 : 0;
      out.printf(
          "%s: comparison %d, %s: %s%n",
          right ? "same again" : "DIFFERENT",
          terms.number(),
          judged.judgement().outcome(),
          judged.judgement().reason());
      if (!right) {
        out.printf("  judged again: %s%n", judged.comparison().judge().reason());
      }
    }
    int all = report.path("evidence").size();
    out.printf("%d of %d comparisons judged again with the same result%n", same, all);
    return all == 0 ? NO_COMPARISON : same == all ? 0 : 1;
  }
}
