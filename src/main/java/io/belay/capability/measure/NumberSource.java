package io.belay.capability.measure;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.core.JsonPointer;
import io.belay.step.WrittenText;
import io.belay.target.CommandTarget;
import io.belay.target.HttpTarget;
import io.belay.target.ServiceTarget;
import io.belay.target.SqlTarget;
import io.belay.target.Target;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where a number comes from, written in one line:
 *
 * <pre>
 * sql orders-db select count(*) from orders where state = 'stuck'
 * json shop /status /queue/length        a path and a JSON pointer into its answer
 * metric shop /metrics errors_total{code="500"}    the series with these labels; of counters the sum
 * promql prometheus sum(rate(errors_total[5m]))
 * output count-files                     what the command prints
 * exit check-queue                       the command's exit code
 * count read-log ERROR|FATAL             lines of the command's output that match
 * log v2 ERROR                           lines of the service's log file that match
 * </pre>
 */
final class NumberSource extends WrittenText {

  private static final Pattern LINE = Pattern.compile("([a-z]+)\\s+(\\S+)(?:\\s+(.*))?");

  /** What is asked, of a target of that type. */
  enum Kind {
    SQL(SqlTarget.class, "\\S.*", "a query"),
    JSON(HttpTarget.class, "/\\S*\\s+/\\S*", "a path and a JSON pointer"),
    METRIC(HttpTarget.class, "/\\S*\\s+\\S.*", "a path and a series"),
    PROMQL(HttpTarget.class, "\\S.*", "a query"),
    OUTPUT(CommandTarget.class, "", "nothing more"),
    EXIT(CommandTarget.class, "", "nothing more"),
    COUNT(CommandTarget.class, "\\S.*", "a regular expression"),
    LOG(ServiceTarget.class, "\\S.*", "a regular expression");

    private final Class<? extends Target> target;
    private final String operand;
    private final String needs;

    Kind(Class<? extends Target> target, String operand, String needs) {
      this.target = target;
      this.operand = operand;
      this.needs = needs;
    }

    Class<? extends Target> target() {
      return target;
    }
  }

  private final Kind kind;
  private final String target;
  private final String operand;

  private NumberSource(String text, Kind kind, String target, String operand) {
    super(text);
    this.kind = kind;
    this.target = target;
    this.operand = operand;
  }

  /**
   * @throws IllegalArgumentException naming the rule, when the text is no source
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static NumberSource valueOf(String text) {
    Matcher parts = LINE.matcher(text.strip());
    if (!parts.matches()) {
      throw refused(text, "it must be a kind, a target and what to ask of it");
    }
    Kind kind =
        Arrays.stream(Kind.values())
            .filter(known -> known.name().toLowerCase().equals(parts.group(1)))
            .findFirst()
            .orElseThrow(() -> refused(text, "it must begin with one of " + kinds()));
    String operand = parts.group(3) == null ? "" : parts.group(3).strip();
    if (!operand.matches(kind.operand)) {
      throw refused(text, "'%s' needs a target and %s".formatted(parts.group(1), kind.needs));
    }
    if (kind == Kind.SQL && operand.contains(";")) {
      throw refused(text, "a query is one statement, without a semicolon");
    }
    try {
      if (kind == Kind.COUNT || kind == Kind.LOG) {
        Pattern.compile(operand);
      } else if (kind == Kind.JSON) {
        JsonPointer.compile(second(operand));
      } else if (kind == Kind.METRIC) {
        Series.valueOf(second(operand));
      }
    } catch (IllegalArgumentException e) {
      throw refused(text, e.getMessage());
    }
    return new NumberSource(text.strip(), kind, parts.group(2), operand);
  }

  private static String kinds() {
    return Arrays.stream(Kind.values())
        .map(kind -> kind.name().toLowerCase())
        .collect(Collectors.joining(", "));
  }

  private static IllegalArgumentException refused(String text, String why) {
    return new IllegalArgumentException("'%s' is no source of a number: %s".formatted(text, why));
  }

  Kind kind() {
    return kind;
  }

  /** The target's name. */
  String target() {
    return target;
  }

  /** What is asked. */
  String operand() {
    return operand;
  }

  /** The path, of a source with a path. */
  String path() {
    return operand.split("\\s+", 2)[0];
  }

  /** What comes after the path. */
  String behindPath() {
    return second(operand);
  }

  private static String second(String operand) {
    return operand.split("\\s+", 2)[1];
  }
}
