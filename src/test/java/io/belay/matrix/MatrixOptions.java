package io.belay.matrix;

import io.belay.playground.PlaygroundRunbook;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * How a matrix is run.
 *
 * @param only what a rung must contain in its text
 * @param resume whether what is known to be good is not done again
 * @param longest after which nothing more is begun
 */
record MatrixOptions(
    List<String> runbooks,
    List<KillMoment> moments,
    String only,
    boolean resume,
    Duration longest) {

  private static final String USAGE =
      "usage: matrix kills|rungs|undos|page [--runbook=<id>,…] [--moments=<moment>,…]"
          + " [--only=<text>] [--resume] [--minutes=<number>]";

  /** Ends the program when something is not understood. */
  static MatrixOptions of(List<String> args) {
    MatrixOptions options =
        new MatrixOptions(
            RunbookModel.all().stream()
                .filter(id -> PlaygroundRunbook.find(id).isPresent())
                .toList(),
            List.of(KillMoment.values()),
            "",
            false,
            Duration.ofDays(1));
    for (String arg : args) {
      options = options.with(arg);
    }
    return options;
  }

  private MatrixOptions with(String arg) {
    String value = arg.substring(arg.indexOf('=') + 1);
    return switch (arg.replaceFirst("=.*", "")) {
      case "--runbook" ->
          new MatrixOptions(List.of(value.split(",")), moments, only, resume, longest);
      case "--moments" ->
          new MatrixOptions(
              runbooks,
              Arrays.stream(value.split(",")).map(KillMoment::valueOf).toList(),
              only,
              resume,
              longest);
      case "--only" -> new MatrixOptions(runbooks, moments, value, resume, longest);
      case "--resume" -> new MatrixOptions(runbooks, moments, only, true, longest);
      case "--minutes" ->
          new MatrixOptions(
              runbooks, moments, only, resume, Duration.ofMinutes(Long.parseLong(value)));
      default -> {
        System.err.println(USAGE);
        System.exit(2);
        yield this;
      }
    };
  }
}
