package io.belay.face.web;

import io.belay.run.RunView.PhaseView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A phase beside the guide's estimate of it. Widths are percentages of the longer of the two.
 *
 * @param tone CSS class of its colours
 */
record TimelineRow(
    String name,
    String tone,
    String outcome,
    Instant start,
    String took,
    String estimate,
    boolean estimated,
    long actualWidth,
    long estimateFrom,
    long estimateWidth) {

  static List<TimelineRow> of(List<PhaseView> phases, Show show) {
    return phases.stream().map(phase -> of(phase, show)).toList();
  }

  private static TimelineRow of(PhaseView phase, Show show) {
    Duration took =
        Duration.between(phase.start(), phase.end() == null ? Instant.now() : phase.end());
    List<Duration> estimate = phase.estimate();
    boolean estimated = !estimate.isEmpty();
    Duration shortest = estimated ? estimate.get(0) : Duration.ZERO;
    Duration longest = estimated ? estimate.get(estimate.size() - 1) : Duration.ZERO;
    long all = Math.max(1, Math.max(took.toMillis(), longest.toMillis()));
    long from = 100 * shortest.toMillis() / all;
    return new TimelineRow(
        phase.name(),
        tone(phase),
        phase.end() == null
            ? "active"
            : phase.outcome() == null ? "done" : phase.outcome().replace("timedOut", "timed out"),
        phase.start(),
        show.duration(took),
        show.estimate(estimate),
        estimated,
        Math.max(1, 100 * took.toMillis() / all),
        from,
        Math.max(1, 100 * longest.toMillis() / all - from));
  }

  private static String tone(PhaseView phase) {
    if (phase.end() == null) {
      return "busy";
    }
    if (phase.undo()) {
      return "back";
    }
    return phase.outcome() == null || List.of("passed", "done").contains(phase.outcome())
        ? "good"
        : "bad";
  }
}
