package io.belay.capability.change;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.belay.step.WrittenText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterUtils;
import org.springframework.jdbc.core.namedparam.ParsedSql;

/**
 * SQL statements for one transaction that Belay begins and ends, with {@code :name} where a value
 * belongs.
 */
final class SqlStatements extends WrittenText {

  private static final Pattern OPAQUE =
      Pattern.compile(
          "(?s)\\$(\\w*)\\$.*?\\$\\1\\$|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\\n]*|/\\*.*?\\*/");

  /** What would end the transaction, or cannot run in one. */
  private static final Pattern FOREIGN =
      Pattern.compile(
          "(?i)(?:^|;)\\s*(commit|rollback|begin|start\\s+transaction|end|abort|prepare\\s+transaction|savepoint|release|vacuum|create\\s+database|drop\\s+database|alter\\s+system|(?:create|drop)\\s+index\\s+concurrently|reindex|copy)\\b");

  /** Statements whose rows the server does not count, or does not report. */
  private static final Pattern UNCOUNTED =
      Pattern.compile(
          "(?i)(?:^|;)\\s*(with|do|call|execute|explain|truncate)\\b|\\b(returning)\\b");

  /** Products that need no semicolon take another statement anywhere. */
  private static final Pattern ANOTHER =
      Pattern.compile("(?i)\\b(commit|rollback|begin|exec|execute)\\b");

  private static final Pattern PLAIN =
      Pattern.compile("(?i)(insert|update|delete|replace|merge)\\b");

  private SqlStatements(String text) {
    super(text);
  }

  /**
   * @throws IllegalArgumentException naming a statement that cannot be among them
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static SqlStatements valueOf(String text) {
    Matcher foreign = FOREIGN.matcher(OPAQUE.matcher(text).replaceAll(" "));
    if (foreign.find()) {
      throw new IllegalArgumentException(
          "'%s' is not possible: the statements run in one transaction, which the step begins and ends"
              .formatted(foreign.group(1)));
    }
    return new SqlStatements(text);
  }

  /** The first word of a statement that may touch rows without counting them. */
  Optional<String> uncounted() {
    Matcher word = UNCOUNTED.matcher(OPAQUE.matcher(text()).replaceAll(" "));
    return word.find()
        ? Optional.of(word.group(1) == null ? word.group(2) : word.group(1))
        : Optional.empty();
  }

  /**
   * What keeps them from a database of whatever product, whose dialect is not known here.
   *
   * @return empty when each only inserts, updates or deletes
   */
  Optional<String> notPortable() {
    String seen = OPAQUE.matcher(text()).replaceAll(" ");
    if (text().contains("\\") || text().contains("/*!") || text().contains("/*M!")) {
      return Optional.of("must have no backslash and no '/*!'; give values by name");
    }
    if (OPAQUE.matcher(text()).results().anyMatch(one -> one.group().matches("(?s)--\\S.*"))) {
      return Optional.of("must have a blank after each '--', which is a comment everywhere then");
    }
    Matcher another = ANOTHER.matcher(seen);
    if (another.find()) {
      return Optional.of(
          "must not have '%s', which may end the transaction there; quote it where it is a name"
              .formatted(another.group(1)));
    }
    return Pattern.compile(";")
        .splitAsStream(seen)
        .map(String::strip)
        .filter(one -> !one.isEmpty() && !PLAIN.matcher(one).lookingAt())
        .findFirst()
        .map(
            one ->
                "must be INSERT, UPDATE, DELETE, REPLACE or MERGE; '%s' may end the transaction there"
                    .formatted(one.split("\\s", 2)[0]));
  }

  /** The statements one by one. */
  List<SqlStatements> each() {
    List<SqlStatements> all = new ArrayList<>();
    Matcher opaque = OPAQUE.matcher(text());
    int start = 0;
    int from = 0;
    for (int end = text().indexOf(';'); end >= 0; end = text().indexOf(';', from)) {
      if (opaque.find(from) && opaque.start() < end) {
        from = opaque.end();
      } else {
        all.add(new SqlStatements(text().substring(start, end)));
        start = end + 1;
        from = start;
      }
    }
    all.add(new SqlStatements(text().substring(start)));
    return all.stream().filter(one -> !one.isBlank()).toList();
  }

  /** The names for which they need values. */
  Collection<String> names() {
    return new TreeSet<>(
        Pattern.compile("(?<!:):([A-Za-z_][A-Za-z0-9_]*)")
            .matcher(OPAQUE.matcher(text()).replaceAll(" "))
            .results()
            .map(name -> name.group(1))
            .toList());
  }

  /** The SQL with a question mark for each value. */
  String jdbc() {
    ParsedSql parsed = NamedParameterUtils.parseSqlStatement(text());
    return NamedParameterUtils.substituteNamedParameters(parsed, new MapSqlParameterSource());
  }

  /** The values in the order of the question marks. */
  Object[] arguments(Map<String, String> values) {
    ParsedSql parsed = NamedParameterUtils.parseSqlStatement(text());
    return NamedParameterUtils.buildValueArray(parsed, new MapSqlParameterSource(values), null);
  }

  boolean isBlank() {
    return text().isBlank();
  }
}
