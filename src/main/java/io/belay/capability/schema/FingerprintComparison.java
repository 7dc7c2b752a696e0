package io.belay.capability.schema;

import io.belay.capability.schema.Fingerprint.Column;
import io.belay.capability.schema.Fingerprint.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * The differences between two fingerprints, in words. {@link #equality} proves a rollback: schema
 * and content must be exactly the same. {@link IntegrityCheck} allows what a migration may change.
 *
 * @param count number of all differences
 * @param first the first of them, at most {@value #SHOWN}
 */
public record FingerprintComparison(int count, List<String> first) {

  private static final int SHOWN = 50;

  public static FingerprintComparison equality(Fingerprint before, Fingerprint after) {
    List<String> found = new ArrayList<>();
    for (String name : union(before.tables(), after.tables())) {
      Table old = before.tables().get(name);
      Table now = after.tables().get(name);
      if (now == null) {
        found.add("table %s is missing; it had %d rows".formatted(name, old.rows()));
      } else if (old == null) {
        found.add("table %s was added; it has %d rows".formatted(name, now.rows()));
      } else {
        table(name, old, now, found);
      }
    }
    definitions("", before.objects(), after.objects(), found);
    return new FingerprintComparison(
        found.size(), List.copyOf(found.subList(0, Math.min(SHOWN, found.size()))));
  }

  public boolean equal() {
    return count == 0;
  }

  /**
   * As many differences as fit into the given number of characters; {@code what} names one of them.
   */
  public String describe(String what, int characters) {
    if (equal()) {
      return "schema and content are the same";
    }
    StringBuilder text = new StringBuilder(count + " " + what + (count == 1 ? "" : "s"));
    for (int i = 0; i < first.size(); i++) {
      String next = (i == 0 ? ": " : "; ") + first.get(i);
      if (text.length() + next.length() > characters - 20) {
        return text.append("; and ").append(count - i).append(" more").toString();
      }
      text.append(next);
    }
    return text.toString();
  }

  private static void table(String name, Table old, Table now, List<String> found) {
    if (old.rows() != now.rows()) {
      found.add("table %s: %d rows, before %d".formatted(name, now.rows(), old.rows()));
    }
    if (!old.key().equals(now.key())) {
      found.add("table %s: key %s, before %s".formatted(name, now.key(), old.key()));
    }
    for (String columnName : union(old.columns(), now.columns())) {
      column(
          name + "." + columnName,
          old.columns().get(columnName),
          now.columns().get(columnName),
          // A different number of rows already implies different content.
          old.rows() == now.rows(),
          found);
    }
    definitions(name + ": ", old.details(), now.details(), found);
  }

  private static void column(
      String name, Column old, Column now, boolean sameRows, List<String> found) {
    if (now == null) {
      found.add("column %s is missing".formatted(name));
    } else if (old == null) {
      found.add("column %s was added".formatted(name));
    } else {
      if (!Definition.same(definition(old), definition(now)) || !old.type().equals(now.type())) {
        found.add(
            "column %s is '%s', before '%s'".formatted(name, definition(now), definition(old)));
      }
      if (old.position() != now.position()) {
        found.add(
            "column %s is at position %d, before %d"
                .formatted(name, now.position(), old.position()));
      }
      if (sameRows && !Objects.equals(old.hash(), now.hash())) {
        found.add("content of %s changed".formatted(name));
      }
    }
  }

  /** A column as SQL would declare it. */
  static String definition(Column column) {
    return (column.type()
            + (column.nullable() ? "" : " not null")
            + (column.definition().isEmpty() ? "" : " default " + column.definition()))
        .trim();
  }

  /** Differences of named definitions; {@code prefix} names their owner. */
  static void definitions(
      String prefix, Map<String, String> before, Map<String, String> after, List<String> found) {
    for (String name : union(before, after)) {
      String old = before.get(name);
      String now = after.get(name);
      if (now == null) {
        found.add("%s%s is missing".formatted(prefix, name));
      } else if (old == null) {
        found.add("%s%s was added".formatted(prefix, name));
      } else if (!Definition.same(old, now)) {
        found.add(
            "%s%s is '%s', before '%s'".formatted(prefix, name, shortened(now), shortened(old)));
      }
    }
  }

  /** Shortens a definition: a view's can be pages long. */
  private static String shortened(String definition) {
    String line = definition.replaceAll("\\s+", " ").strip();
    return line.length() <= 160 ? line : line.substring(0, 157) + "...";
  }

  private static TreeSet<String> union(Map<String, ?> one, Map<String, ?> other) {
    TreeSet<String> names = new TreeSet<>(one.keySet());
    names.addAll(other.keySet());
    return names;
  }
}
