package io.belay.benchmark;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Several figures of several sides, where a side is expensive to set up and all its figures are
 * taken in one go, the sides in turn. Ratios are taken within each round; what is printed is their
 * median. Where only a time is compared, {@link Comparison} is simpler.
 */
final class Measures {

  private final List<String> sides;
  private final Map<String, Map<String, List<Double>>> values = new LinkedHashMap<>();

  /** The first side is the one that the others are compared with. */
  Measures(String... sides) {
    this.sides = List.of(sides);
  }

  /**
   * @param round from 0; the first only warms up and is not counted
   * @param figure with its unit
   */
  void add(int round, String side, String figure, double value) {
    System.out.printf(
        Locale.ROOT,
        "  %s, %s, %s: %.1f%n",
        round == 0 ? "warm-up" : "round " + round,
        side,
        figure,
        value);
    if (round > 0) {
      values
          .computeIfAbsent(figure, none -> new LinkedHashMap<>())
          .computeIfAbsent(side, none -> new ArrayList<>())
          .add(value);
    }
  }

  /** A Markdown table: medians with their spread, and the ratio to the first side. */
  void print(String title, PrintStream out) {
    out.printf("%n| %s |", title);
    sides.forEach(side -> out.printf(" %s |", side));
    sides.stream().skip(1).forEach(side -> out.printf(" %s beside %s |", side, sides.get(0)));
    out.printf("%n|%s%n", "---|".repeat(2 * sides.size()));
    values.forEach(
        (figure, bySide) -> {
          out.printf("| %s |", figure);
          sides.forEach(side -> out.printf(" %s |", spread(bySide.get(side))));
          sides.stream()
              .skip(1)
              .forEach(
                  side ->
                      out.printf(
                          Locale.ROOT,
                          " %.2f |",
                          ratio(bySide.get(side), bySide.get(sides.get(0)))));
          out.println();
        });
  }

  private static double ratio(List<Double> ours, List<Double> theirs) {
    return Comparison.median(
        IntStream.range(0, ours.size()).mapToObj(i -> ours.get(i) / theirs.get(i)).toList());
  }

  private static String spread(List<Double> all) {
    return String.format(
        Locale.ROOT,
        "%.1f (%.1f – %.1f)",
        Comparison.median(all),
        all.stream().mapToDouble(d -> d).min().orElseThrow(),
        all.stream().mapToDouble(d -> d).max().orElseThrow());
  }
}
