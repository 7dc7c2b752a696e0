package io.belay.matrix;

import io.belay.matrix.KillMatrix.KilledRun;
import io.belay.matrix.RunbookModel.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes what was measured into {@code docs/reliability.md}, between its marks. */
final class ReliabilityPage {

  private static final Path PAGE = Path.of("docs/reliability.md");

  private ReliabilityPage() {}

  /** Replaces what stands between {@code <!-- name -->} and {@code <!-- end of name -->}. */
  static void write(String name, String content) throws IOException {
    String page = Files.readString(PAGE);
    Pattern place =
        Pattern.compile(
            "(?s)(<!-- %1$s -->\\n).*?(<!-- end of %1$s -->)".formatted(Pattern.quote(name)));
    Matcher found = place.matcher(page);
    if (!found.find()) {
      // A runbook that is new: its part comes last.
      Files.writeString(
          PAGE,
          "%s%n%n## %s%n%n<!-- %s -->%n%s%n<!-- end of %s -->%n"
              .formatted(
                  page.stripTrailing(),
                  name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1),
                  name,
                  content,
                  name));
      return;
    }
    Files.writeString(
        PAGE, found.replaceFirst("$1" + Matcher.quoteReplacement(content + "\n") + "$2"));
  }

  static String kills(KillMatrix matrix, List<KillMoment> moments) {
    List<KilledRun> runs = matrix.runs();
    StringBuilder page = new StringBuilder();
    long kills = runs.stream().mapToLong(run -> run.killed().size()).sum();
    page.append(
        "`%s`: %d kills in %d runs, %d of these as undisturbed; %.0f minutes.%n%n"
            .formatted(
                matrix.model().id(),
                kills,
                runs.size(),
                runs.stream().filter(run -> run.problems().isEmpty()).count(),
                runs.stream().mapToDouble(KilledRun::seconds).sum() / 60));
    page.append("| step | ")
        .append(moments.stream().map(KillMoment::label).collect(Collectors.joining(" | ")))
        .append(" |\n|---|")
        .append(":-:|".repeat(moments.size()))
        .append('\n');
    for (Step step : matrix.model().steps()) {
      String cells =
          moments.stream()
              .map(moment -> cell(runs, step, moment))
              .collect(Collectors.joining(" | "));
      if (!step.handler() || !cells.matches("[– |]*")) {
        page.append("| `%s` | %s |%n".formatted(step.key(), cells));
      }
    }
    runs.stream()
        .filter(run -> !run.problems().isEmpty())
        .forEach(
            run ->
                page.append(
                    "%n* %s, %s: %s"
                        .formatted(run.scenario().name(), run.moment().label(), run.problems())));
    return page.toString();
  }

  private static String cell(List<KilledRun> runs, Step step, KillMoment moment) {
    return runs.stream()
        .filter(run -> run.moment() == moment)
        .filter(run -> run.killed().containsKey(step.key()))
        .map(run -> run.problems().isEmpty() ? "✓" : "✗")
        .findFirst()
        .orElse("–");
  }

  static String unreached(List<Step> steps) {
    Map<Boolean, List<String>> found =
        steps.stream()
            .collect(
                Collectors.partitioningBy(
                    Step::handler, Collectors.mapping(Step::key, Collectors.toList())));
    return "Reached by no way through: %s; only when something interrupts: %d steps."
        .formatted(
            found.get(false).isEmpty() ? "none" : String.join(", ", found.get(false)),
            found.get(true).size());
  }

  static String rungs(RungMatrix matrix) {
    List<RungMatrix.Result> results = matrix.results();
    StringBuilder page = new StringBuilder();
    page.append(
        "`%s`: left at %d places, %d of these as before; %.0f minutes.%n%n"
            .formatted(
                matrix.model().id(),
                results.size(),
                results.stream().filter(result -> result.problems().isEmpty()).count(),
                results.stream().mapToDouble(RungMatrix.Result::seconds).sum() / 60));
    page.append("| place | how it is left | how the run ends | world |\n|---|---|---|---|\n");
    results.forEach(
        result ->
            page.append(
                "| `%s` | %s | %s | %s |%n"
                    .formatted(
                        result.rung().activityId() == null
                            ? result.rung().model()
                            : result.rung().key(),
                        result.rung().way().label(),
                        result.status(),
                        result.problems().isEmpty() ? "✓" : "✗ " + result.problems())));
    page.append("\nEnds of phases that were not reached: ")
        .append(
            matrix.unreachedEnds().stream()
                .map(end -> "`%s` (%s)".formatted(end.key(), end.name()))
                .collect(Collectors.joining(", ")));
    return page.toString();
  }

  static String undos(List<UndoFaults.Result> results) {
    StringBuilder page = new StringBuilder();
    page.append(
        "| way back | each undo | undos | world, order, nothing twice |\n|---|---|---|---|\n");
    results.forEach(
        result ->
            page.append(
                "| %s | %s | %d | %s |%n"
                    .formatted(
                        result.scenario().name(),
                        result.kind().label(),
                        result.undos().size(),
                        result.problems().isEmpty() ? "✓" : "✗ " + result.problems())));
    return page.toString();
  }
}
