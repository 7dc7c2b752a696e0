package io.belay.capability.check.comparison;

import java.util.Locale;

/** A comparison in one sentence with its numbers, exact enough to show the difference. */
final class Sentences {

  private final Terms terms;
  private final Counts ours;
  private final Counts theirs;

  Sentences(Terms terms, Look sum) {
    this.terms = terms;
    this.ours = sum.candidate();
    this.theirs = sum.baseline();
  }

  String noBaseline() {
    return "not compared: %s is measured by itself".formatted(terms.candidate());
  }

  String oneSide() {
    return "not compared: %s %% of the users' requests go to %s"
        .formatted(figure(terms.weight(), 2), terms.candidate());
  }

  String split() {
    double came = 100.0 * ours.requests() / (ours.requests() + theirs.requests());
    String[] shares = apart(terms.weight(), came);
    return "the split is broken: %s %% was asked for %s, %s %% came (%d of %d requests)"
        .formatted(
            shares[0],
            terms.candidate(),
            shares[1],
            ours.requests(),
            ours.requests() + theirs.requests());
  }

  String differsFromItself(double evidence) {
    return "%s differs from itself from second to second (chance below 1 in %s), so a comparison with it proves nothing"
        .formatted(terms.baseline(), count(evidence));
  }

  String worse(Evidence evidence) {
    return "%s is worse than %s: %s; chance below 1 in %s, the alarm is at 1 in %s"
        .formatted(
            terms.candidate(),
            terms.baseline(),
            clearest(evidence),
            count(evidence.value()),
            count(terms.alarm()));
  }

  String notWorse(double rise, double slowdown) {
    String slower = "%s ms slower".formatted(figure(Reach.LEAST_SLOWDOWN_MS, 2));
    if (slowdown >= 1.01) {
      slower = "%s times as slow and %s".formatted(figure(slowdown, 3), slower);
    }
    return "%s is no worse than %s: %s; %s points more errors, or responses %s, would have been noticed"
        .formatted(terms.candidate(), terms.baseline(), errors(), figure(rise, 2), slower);
  }

  /** Names what is missing: users' requests to see errors, measured latencies, or both. */
  String more(Comparison.Missing missing) {
    String errors = figure(terms.noticeErrors(), 2) + " points more errors";
    String slowdown = "responses %s times as slow".formatted(figure(terms.noticeSlowdown(), 3));
    String what = "requests to notice " + errors;
    if (missing.latencies() > 0) {
      what =
          missing.requests() > 0
              ? "requests to notice %s and latencies to notice %s".formatted(errors, slowdown)
              : "latencies to notice " + slowdown;
    }
    return "too few %s: %s; %s are needed, %s at this rate"
        .formatted(what, seen(), needed(missing), time(missing.seconds()));
  }

  private String needed(Comparison.Missing missing) {
    String requests = "%d more requests on %s".formatted(missing.requests(), terms.candidate());
    if (missing.latencies() == 0) {
      return requests;
    }
    String latencies =
        "%d more measured latencies of %s".formatted(missing.latencies(), terms.candidate());
    return missing.requests() == 0 ? latencies : requests + " and " + latencies;
  }

  private String seen() {
    return "%s, %d and %d latencies measured".formatted(errors(), ours.timed(), theirs.timed());
  }

  String leans(Evidence evidence, Comparison.Missing missing) {
    return "%s looks worse than %s, but that may be chance (1 in %s, the alarm is at 1 in %s): %s; %s decide, %s at this rate"
        .formatted(
            terms.candidate(),
            terms.baseline(),
            count(evidence.value()),
            count(terms.alarm()),
            clearest(evidence),
            needed(missing),
            time(missing.seconds()));
  }

  String noEstimate() {
    return ours.requests() == 0 || theirs.requests() == 0
        ? "nothing to compare: %d requests reached %s, %d reached %s"
            .formatted(ours.requests(), terms.candidate(), theirs.requests(), terms.baseline())
        : "%s points more errors or responses %s times as slow could not be noticed: %s"
            .formatted(figure(terms.noticeErrors(), 2), figure(terms.noticeSlowdown(), 3), seen());
  }

  private String clearest(Evidence evidence) {
    return evidence.byErrors() ? errors() : latency(evidence.clearestLimit());
  }

  private String errors() {
    String[] rates = apart(100 * ours.errorRate(), 100 * theirs.errorRate());
    return "%s %% of %d requests failed on %s, %s %% of %d on %s"
        .formatted(
            rates[0],
            ours.requests(),
            terms.candidate(),
            rates[1],
            theirs.requests(),
            terms.baseline());
  }

  private String latency(int limit) {
    String[] shares =
        apart(
            100.0 * ours.slowerThan(limit) / Math.max(1, ours.timed()),
            100.0 * theirs.slowerThan(limit) / Math.max(1, theirs.timed()));
    String[] limits = apart(terms.limitMs(limit), Ladder.limitMs(limit));
    return "%s %% of %d responses of %s took longer than %s ms, %s %% of %d of %s longer than %s ms"
        .formatted(
            shares[0],
            ours.timed(),
            terms.candidate(),
            limits[0],
            shares[1],
            theirs.timed(),
            terms.baseline(),
            limits[1]);
  }

  private static String time(long seconds) {
    return seconds < 120 ? seconds + " s" : figure(seconds / 60.0, 2) + " min";
  }

  private static String count(double number) {
    return number >= 1e6 ? "a million" : String.valueOf((long) Math.max(1, number));
  }

  /** Two numbers with as many digits as it takes to tell them apart, two at least. */
  static String[] apart(double one, double other) {
    for (int digits = 2; digits < 15; digits++) {
      String[] texts = {figure(one, digits), figure(other, digits)};
      if (one == other || !texts[0].equals(texts[1])) {
        return texts;
      }
    }
    return new String[] {String.valueOf(one), String.valueOf(other)};
  }

  /** Rounded to this many significant digits, digits before the point are never dropped. */
  private static String figure(double number, int digits) {
    if (number == 0) {
      return "0";
    }
    int decimals = Math.max(0, digits - 1 - (int) Math.floor(Math.log10(Math.abs(number))));
    String text = String.format(Locale.ROOT, "%." + decimals + "f", number);
    return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
  }
}
