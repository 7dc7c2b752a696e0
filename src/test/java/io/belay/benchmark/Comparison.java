package io.belay.benchmark;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.slf4j.LoggerFactory;

/**
 * Several ways to do the same thing, timed in turn (A B C, A B C, …), so that a machine whose speed
 * drifts is slow for all of them. The first round warms up and is not counted. Ratios are taken
 * within each round; what is printed is their median.
 */
public final class Comparison {

  /** One way, or what comes before it untimed. */
  @FunctionalInterface
  public interface Work {
    void run() throws Exception;
  }

  private record Side(String name, Work prepare, Work work, List<Double> seconds) {}

  private final String title;
  private final Map<String, Side> sides = new LinkedHashMap<>();

  public Comparison(String title) {
    this.title = title;
  }

  public Comparison side(String name, Work work) {
    return side(name, () -> {}, work);
  }

  /**
   * @param prepare done before each timed run, not timed
   */
  public Comparison side(String name, Work prepare, Work work) {
    sides.put(name, new Side(name, prepare, work, new ArrayList<>()));
    return this;
  }

  /**
   * Times all sides; prints a line for each run as it ends.
   *
   * @param rounds counted, after one that is not
   */
  public Comparison run(int rounds, PrintStream out) throws Exception {
    out.printf("%n%s%n", title);
    for (int round = 0; round <= rounds; round++) {
      for (Side side : sides.values()) {
        side.prepare.run();
        long start = System.nanoTime();
        side.work.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        if (round > 0) {
          side.seconds.add(seconds);
        }
        out.printf(
            Locale.ROOT,
            "  %s %s: %.3f s%n",
            round == 0 ? "warm-up" : "round " + round,
            side.name,
            seconds);
      }
    }
    return this;
  }

  /** Median over the rounds of {@code side}'s time divided by {@code reference}'s. */
  public double ratio(String side, String reference) {
    List<Double> ours = sides.get(side).seconds;
    List<Double> theirs = sides.get(reference).seconds;
    return median(
        IntStream.range(0, ours.size()).mapToObj(i -> ours.get(i) / theirs.get(i)).toList());
  }

  /** Median seconds of a side. */
  public double seconds(String side) {
    return median(sides.get(side).seconds);
  }

  /** A Markdown table: seconds with their spread, and how long each took beside the reference. */
  public void print(String reference, PrintStream out) {
    out.printf("%n| %s | median s | least – most s | time beside \"%s\" |%n", title, reference);
    out.println("|---|---|---|---|");
    for (Side side : sides.values()) {
      out.printf(
          Locale.ROOT,
          "| %s | %.3f | %.3f – %.3f | %.2f |%n",
          side.name,
          median(side.seconds),
          side.seconds.stream().mapToDouble(d -> d).min().orElseThrow(),
          side.seconds.stream().mapToDouble(d -> d).max().orElseThrow(),
          ratio(side.name, reference));
    }
  }

  /**
   * Call it first: libraries log no more than warnings from now on, and what the figures depend on
   * is printed.
   */
  public static void begin(PrintStream out) {
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    out.printf(
        "%d cores, heap up to %d MiB, Java %s, %s %s%n",
        Runtime.getRuntime().availableProcessors(),
        Runtime.getRuntime().maxMemory() >> 20,
        Runtime.version(),
        System.getProperty("os.name"),
        System.getProperty("os.version"));
  }

  static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(d -> d).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
