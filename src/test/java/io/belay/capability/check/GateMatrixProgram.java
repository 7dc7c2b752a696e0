package io.belay.capability.check;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.belay.capability.check.GateMatrix.RouterKind;
import io.belay.capability.check.GateMatrix.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * {@code ./belay matrix gates}: asks the health gate about each fault behind each router, and
 * writes what it said to the end of {@code docs/gates.md}. Exits 1 when a gate passed what harms
 * users, or did not pass what harms nobody.
 */
public final class GateMatrixProgram {

  private static final Path PAGE = Path.of("docs/gates.md");
  private static final String BEGIN = "<!-- what follows is written by ./belay matrix gates -->";
  private static final int LONGEST_REASON = 110;

  private GateMatrixProgram() {}

  public static void main(String[] args) throws Exception {
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    GateMatrix matrix = new GateMatrix(Duration.ofSeconds(2), Duration.ofSeconds(8));
    List<List<Said>> rows = new ArrayList<>();
    boolean right = true;
    for (GateFault fault : GateFault.all()) {
      List<Said> row = new ArrayList<>();
      for (RouterKind router : RouterKind.values()) {
        Said said = matrix.ask(fault, router);
        row.add(said);
        right &= said.isRight();
        System.out.printf(
            "%s %s, %s: %s: %s (%s)%n",
            said.isRight() ? "✓" : "✗",
            fault.where(),
            fault.what(),
            router,
            said.verdict(),
            said.reason());
      }
      rows.add(row);
    }
    Files.writeString(PAGE, page(Files.readString(PAGE), rows));
    System.exit(right ? 0 : 1);
  }

  static String page(String before, List<List<Said>> rows) throws IOException {
    int begin = before.indexOf(BEGIN);
    StringBuilder page =
        new StringBuilder(
            begin < 0 ? before.stripTrailing() : before.substring(0, begin).stripTrailing());
    long wrong = rows.stream().flatMap(List::stream).filter(said -> !said.isRight()).count();
    page.append("\n\n").append(BEGIN).append("\n\n## What a gate says\n\n");
    page.append(
        """
        %d faults behind two routers, at a weight of 50 %%, with the table as delivered (%s). %s
        A fault is in the new version, the old one, both, or a client; ✗ marks a verdict that is not as it should be.

        | where | fault | gateway | HAProxy | the reason behind HAProxy |
        |---|---|---|---|---|
        """
            .formatted(
                rows.size() - 1,
                LocalDate.now(),
                wrong == 0
                    ? "Every verdict is as it should be."
                    : wrong + " verdicts are not as they should be."));
    for (List<Said> row : rows) {
      GateFault fault = row.get(0).fault();
      page.append(
          "| %s | %s | %s | %s | %s |%n"
              .formatted(
                  fault.where(),
                  fault.what(),
                  verdict(row.get(0)),
                  verdict(row.get(1)),
                  shortened(row.get(1).reason())));
    }
    return page.toString();
  }

  private static String verdict(Said said) {
    return (said.isRight() ? "" : "✗ ") + said.verdict();
  }

  /** Ports and the like differ each time; a table cell has no bars. */
  private static String shortened(String reason) {
    String plain =
        reason.replaceAll("127\\.0\\.0\\.1:[0-9]+", "…").replace("|", "/").replace('\n', ' ');
    return plain.length() <= LONGEST_REASON ? plain : plain.substring(0, LONGEST_REASON) + "…";
  }
}
