package io.belay.capability.schema;

import io.belay.capability.schema.Fingerprint.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which changes of a definition take nothing away that existed. A type may become wider, a value
 * may be added to an enumeration, a constraint may become valid, an index that only makes queries
 * fast may be another; an extension may be updated and a sequence advances.
 */
final class KeptDefinitions {

  private static final List<String> INTEGERS = List.of("smallint", "integer", "bigint");
  private static final Pattern VARCHAR = Pattern.compile("character varying(?:\\((\\d+)\\))?");
  private static final Pattern NUMERIC = Pattern.compile("numeric\\((\\d+),(-?\\d+)\\)");

  private KeptDefinitions() {}

  /** Whether each value of the old type is a value of the new one, written the same way. */
  static boolean holdsAll(String old, String now) {
    if (old.equals(now)) {
      return true;
    }
    if (INTEGERS.contains(old)) {
      return INTEGERS.indexOf(now) > INTEGERS.indexOf(old);
    }
    Matcher text = VARCHAR.matcher(old);
    if (text.matches()) {
      Matcher wider = VARCHAR.matcher(now);
      return now.equals("text")
          || wider.matches() && (wider.group(1) == null || atMost(text.group(1), wider.group(1)));
    }
    Matcher number = NUMERIC.matcher(old);
    if (number.matches()) {
      Matcher wider = NUMERIC.matcher(now);
      return now.equals("numeric")
          || wider.matches()
              && number.group(2).equals(wider.group(2))
              && atMost(number.group(1), wider.group(1));
    }
    return false;
  }

  /** Null is no limit. */
  private static boolean atMost(String old, String now) {
    return old != null && Integer.parseInt(old) <= Integer.parseInt(now);
  }

  /**
   * Whether a column still takes every value, demands one if it did, and still fills it in.
   *
   * @param now null when it is gone
   */
  static boolean keep(Column old, Column now) {
    return now != null
        && holdsAll(old.type(), now.type())
        && (old.nullable() || !now.nullable())
        && (old.definition().isEmpty() || sameDefault(old.definition(), now.definition()));
  }

  /** What differs in a column, in words. */
  static String difference(String name, Column old, Column now) {
    if (now == null) {
      return name + " is gone";
    }
    if (!now.type().equals(old.type()) && (!holdsAll(old.type(), now.type()) || keep(old, now))) {
      return "%s is %s, before %s".formatted(name, now.type(), old.type());
    }
    return "%s is '%s', before '%s'"
        .formatted(
            name, FingerprintComparison.definition(now), FingerprintComparison.definition(old));
  }

  /** A change of type turns the default 0 into '0'::bigint. */
  private static boolean sameDefault(String old, String now) {
    return Definition.same(old, now)
        || Definition.canonical(now).equals("'" + Definition.canonical(old) + "'");
  }

  /**
   * Whether an object, or a part of a table, is still there and does what it did.
   *
   * @param old all that existed beside it
   * @param now null when it is gone
   */
  static boolean keep(Map<String, String> old, String name, String now) {
    String before = old.get(name);
    if (now != null && Definition.same(before, now)) {
      return true;
    }
    return switch (name.substring(0, name.indexOf(' '))) {
      // A constraint's index is counted as the constraint.
      case "index" ->
          old.containsKey("constraint " + name.substring("index ".length()))
              || !before.startsWith("CREATE UNIQUE ");
      case "sequence", "extension" -> now != null;
      case "type" -> now != null && List.of(now.split(",")).containsAll(List.of(before.split(",")));
      case "constraint" -> now != null && Definition.same(before, now + " NOT VALID");
      default -> false;
    };
  }

  /** What differs, as {@link FingerprintComparison} says it. */
  static String difference(String name, String old, String now) {
    List<String> text = new ArrayList<>();
    FingerprintComparison.definitions(
        "", Map.of(name, old), now == null ? Map.of() : Map.of(name, now), text);
    return text.get(0);
  }
}
