package io.belay.split;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;

/**
 * Which users get the new version behind a flag: {@code percent=25 algorithm=belay-1
 * seed=new-checkout on=ann,bob off=eve}. As the share grows, with the same algorithm and seed, a
 * user moves to the new version at most once, and never back.
 *
 * @param hundredths share of the users, in steps of 0.01 percent
 * @param seed the flag's name
 * @param on users who get the new version at any share
 * @param off users who get the old one at any share, also when they are in {@code on}
 */
public record Rollout(
    int hundredths, Bucketing algorithm, String seed, Set<String> on, Set<String> off) {

  /** What a user or a seed is written with: it must fit in a line, a list and an env file. */
  private static final Pattern NAME = Pattern.compile("[^\\s,'\"\\\\=\\p{Cntrl}]{1,200}");

  private static final List<String> PARTS = List.of("percent", "algorithm", "seed", "on", "off");

  public Rollout {
    if (hundredths < 0 || hundredths > Bucketing.BUCKETS) {
      throw new IllegalArgumentException("'percent' must be from 0 to 100");
    }
    on = Collections.unmodifiableSet(new TreeSet<>(on));
    off = Collections.unmodifiableSet(new TreeSet<>(off));
    requireName(seed, "seed");
    on.forEach(user -> requireName(user, "on"));
    off.forEach(user -> requireName(user, "off"));
  }

  private static void requireName(String text, String part) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "'%s' has '%s'; it must be 1 to 200 characters without spaces, commas, quotes, backslashes and ="
              .formatted(part, text));
    }
  }

  /**
   * Whether the user gets the new version. A user without a key gets the old one, at any share.
   *
   * @param user null or empty when there is no key
   * @param withoutKey incremented then
   */
  public boolean includes(String user, LongAdder withoutKey) {
    if (user == null || user.isEmpty()) {
      withoutKey.increment();
      return false;
    }
    return !off.contains(user) && (on.contains(user) || algorithm.bucket(seed, user) < hundredths);
  }

  /**
   * @throws IllegalArgumentException naming the part and the rule that it breaks
   */
  public static Rollout valueOf(String text) {
    Map<String, String> parts = new LinkedHashMap<>();
    for (String part : text.strip().split(" +")) {
      String[] pair = part.split("=", 2);
      if (pair.length < 2 || !PARTS.contains(pair[0]) || parts.put(pair[0], pair[1]) != null) {
        throw new IllegalArgumentException(
            "'%s' must be %s, each once, with = and its value".formatted(part, PARTS));
      }
    }
    for (String needed : PARTS.subList(0, 3)) {
      if (!parts.containsKey(needed)) {
        throw new IllegalArgumentException("'%s' is absent from '%s'".formatted(needed, text));
      }
    }
    return new Rollout(
        hundredths(parts.get("percent")),
        Bucketing.of(parts.get("algorithm")),
        parts.get("seed"),
        users(parts.get("on")),
        users(parts.get("off")));
  }

  private static int hundredths(String percent) {
    if (!percent.matches("\\d{1,3}(\\.\\d{1,2})?")) {
      throw new IllegalArgumentException(
          "'percent' must be from 0 to 100 in steps of 0.01, but is '%s'".formatted(percent));
    }
    return new BigDecimal(percent).movePointRight(2).intValueExact();
  }

  private static Set<String> users(String list) {
    return list == null ? Set.of() : new TreeSet<>(Arrays.asList(list.split(",", -1)));
  }

  /** As {@link #valueOf} reads it; equal ones are written alike. */
  @Override
  public String toString() {
    return "percent=%s algorithm=%s seed=%s%s%s"
        .formatted(
            BigDecimal.valueOf(hundredths, 2).stripTrailingZeros().toPlainString(),
            algorithm,
            seed,
            on.isEmpty() ? "" : " on=" + String.join(",", on),
            off.isEmpty() ? "" : " off=" + String.join(",", off));
  }
}
