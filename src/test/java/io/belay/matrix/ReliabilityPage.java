package io.belay.matrix;

import io.belay.matrix.RunbookModel.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes what the matrices know to the end of {@code docs/reliability.md}. Of what they know
 * nothing here, because it ran on another machine, the page keeps what it says.
 */
final class ReliabilityPage {

  private static final Path PAGE = Path.of("docs/reliability.md");
  private static final String BEGIN = "<!-- what follows is written by ./belay matrix -->";
  private static final List<KillMoment> MOMENTS = List.of(KillMoment.values());

  private final List<String> runbooks;
  private final StringBuilder page = new StringBuilder();
  private String before = "";

  ReliabilityPage(List<String> runbooks) {
    this.runbooks = runbooks;
  }

  void write() throws IOException {
    String text = Files.readString(PAGE);
    before = text;
    int begin = text.indexOf(BEGIN);
    line(begin < 0 ? text.stripTrailing() : text.substring(0, begin).stripTrailing());
    line("");
    line(BEGIN);
    line("");
    line("# Results");
    line("");
    line("✓ as it should be, ✗ not, · not run, – no way through leads there.");
    for (String runbook : runbooks) {
      RunbookModel model = RunbookModel.of(runbook);
      line("");
      line("## " + runbook);
      kills(model, KilledRuns.known(runbook));
      rungs(model, LeftRungs.known(runbook));
      undos(model, FailedUndos.All.known(runbook));
    }
    Files.writeString(PAGE, page);
  }

  private void line(String line, Object... values) {
    page.append(values.length == 0 ? line : line.formatted(values)).append('\n');
  }

  /**
   * Begins a section.
   *
   * @param unknown whether nothing is known of it here; it is whole then
   */
  private boolean begin(String heading, boolean unknown) {
    line("");
    line(heading);
    line("");
    if (unknown) {
      int begin = before.indexOf("\n" + heading + "\n");
      String kept =
          begin < 0
              ? ""
              : before.substring(begin + heading.length() + 2).split("\n##|\nNo undos\\.", 2)[0];
      page.append(kept.isBlank() ? "Not run." : kept.strip()).append('\n');
    }
    return unknown;
  }

  private void kills(RunbookModel model, KilledRuns known) {
    List<KilledRun> runs = known.runs();
    if (begin("### Killed: " + model.id(), runs.isEmpty())) {
      return;
    }
    line(
        "%d kills%s; of %d runs %d ended as undisturbed.",
        runs.stream().mapToInt(run -> run.killed().size()).sum(),
        on(runs.stream().map(KilledRun::day).toList()),
        runs.size(),
        runs.stream().filter(run -> run.problems().isEmpty()).count());
    line("");
    line(
        "| step | %s |",
        MOMENTS.stream().map(KillMoment::label).collect(Collectors.joining(" | ")));
    line("|---|" + ":-:|".repeat(MOMENTS.size()));
    Set<String> reached = reachable(model, known);
    for (Step step : model.steps()) {
      if (!step.handler()) {
        line(
            "| `%s` | %s |",
            step.key(),
            MOMENTS.stream()
                .map(moment -> cell(known, reached, step.key(), moment))
                .collect(Collectors.joining(" | ")));
      }
    }
    for (KilledRun run : runs) {
      if (!run.problems().isEmpty()) {
        line("");
        line("✗ %s, %s: %s", run.scenario().name(), run.moment().label(), run.problems());
      }
    }
  }

  /** All steps, as long as there are scenarios of which it is not known what they reach. */
  private static Set<String> reachable(RunbookModel model, KilledRuns known) {
    Set<String> reached = new TreeSet<>();
    for (Scenario scenario : new Scenarios(model).all()) {
      Set<String> steps = known.reached().get(scenario.name());
      if (steps == null) {
        return model.steps().stream().map(Step::key).collect(Collectors.toSet());
      }
      reached.addAll(steps);
    }
    return reached;
  }

  private static String cell(
      KilledRuns known, Set<String> reached, String step, KillMoment moment) {
    if (known.isGood(step, moment)) {
      return "✓";
    }
    boolean bad =
        known.runs().stream()
            .anyMatch(run -> run.moment() == moment && run.killed().containsKey(step));
    return bad ? "✗" : reached.contains(step) ? "·" : "–";
  }

  private void rungs(RunbookModel model, LeftRungs known) {
    if (begin("### Left: " + model.id(), known.places().isEmpty())) {
      return;
    }
    line(
        "%d places; left at %d of them%s.",
        known.places().size(),
        known.results().size(),
        on(known.results().stream().map(LeftRung::day).toList()));
    line("");
    line("| place | how it is left | how the run ends | world |");
    line("|---|---|---|:-:|");
    for (Rung rung : known.places()) {
      Optional<LeftRung> result = known.of(rung);
      line(
          "| `%s` | %s | %s | %s |",
          rung.key(),
          rung.way().label(),
          result.map(found -> String.valueOf(found.status())).orElse("·"),
          result.map(found -> mark(found.problems())).orElse("·"));
    }
    List<RunbookModel.End> unreached = known.unreachedEnds(model);
    if (!unreached.isEmpty() && known.results().size() == known.places().size()) {
      line("");
      line(
          "Ends of phases that were not reached: %s.",
          unreached.stream()
              .map(end -> "`%s` (%s)".formatted(end.key(), end.name()))
              .collect(Collectors.joining(", ")));
    }
  }

  private void undos(RunbookModel model, FailedUndos.All known) {
    List<Scenario> ways = UndoFaults.waysBack(model);
    if (ways.isEmpty()) {
      line("");
      line("No undos.");
      return;
    }
    if (begin("### Undos that fail: " + model.id(), known.results().isEmpty())) {
      return;
    }
    line(
        "Run%s. World, order, and nothing twice:",
        on(known.results().stream().map(FailedUndos::day).toList()));
    line("");
    line("| way back | each undo | undos | as before |");
    line("|---|---|--:|:-:|");
    for (Scenario way : ways) {
      for (UndoFaults.Kind kind : UndoFaults.Kind.values()) {
        Optional<FailedUndos> result =
            known.results().stream().filter(found -> found.isOf(way, kind)).findFirst();
        line(
            "| %s | %s | %s | %s |",
            way.name(),
            kind.label(),
            result.map(found -> String.valueOf(found.undos().size())).orElse("·"),
            result.map(found -> mark(found.problems())).orElse("·"));
      }
    }
  }

  private static String mark(List<String> problems) {
    return problems.isEmpty() ? "✓" : "✗ " + problems;
  }

  /** The first and the last day. */
  private static String on(Collection<LocalDate> days) {
    List<LocalDate> sorted = days.stream().sorted().toList();
    return sorted.isEmpty()
        ? ""
        : " on "
            + Stream.of(sorted.get(0), sorted.get(sorted.size() - 1))
                .distinct()
                .map(LocalDate::toString)
                .collect(Collectors.joining(" to "));
  }
}
