package io.belay.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.matrix.RunbookModel.Step;
import io.belay.playground.Needs;
import io.belay.playground.World;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The clock of a whole Belay is set on by ten minutes, and back, in the middle of its steps, by
 * libfaketime.
 */
@Tag("full")
class ClockIT {

  @TempDir Path directory;

  /** The second one has timers, waits and gates as well. */
  @ParameterizedTest
  @ValueSource(strings = {"document-restore", "main-server-v1-to-v2"})
  void clockThatIsSetInTheMiddleOfSteps_changesNothing(String runbook) throws Exception {
    Optional<Path> library = library();
    Needs.that(library.isPresent(), "libfaketime of Debian's package faketime");
    Path clock = Files.writeString(directory.resolve("clock"), "+0");
    QuickStart start =
        new QuickStart(
            directory.resolve("start"),
            List.of(
                "env",
                "LD_PRELOAD=" + library.get(),
                "FAKETIME_TIMESTAMP_FILE=" + clock,
                "FAKETIME_NO_CACHE=1",
                "FAKETIME_DONT_FAKE_MONOTONIC=1",
                // Its workaround for old C libraries ends every timed wait of a JVM at once.
                "FAKETIME_FORCE_MONOTONIC_FIX=0",
                "BELAY_TEST_CLOCK=" + clock));
    RunbookModel model = RunbookModel.of(runbook);
    Set<String> steps =
        model.steps().stream()
            .filter(step -> step.external() && !step.handler())
            .map(Step::key)
            .collect(Collectors.toSet());
    KillMatrix matrix =
        new KillMatrix(World.shared(), model, directory, start, KilledRuns.nothing(), line -> {});
    matrix.runMixed(
        new Scenarios(model).all().get(0),
        step -> Optional.of(KillMoment.MIDDLE).filter(moment -> steps.contains(step)));

    List<KilledRun> runs = matrix.known().runs();
    assertThat(runs).flatExtracting(KilledRun::problems).isEmpty();
    assertThat(new HashSet<>(runs.get(0).killed().keySet())).hasSizeGreaterThan(2);
  }

  private static Optional<Path> library() throws Exception {
    try (Stream<Path> places = Files.list(Path.of("/usr/lib"))) {
      return places
          .map(place -> place.resolve("faketime/libfaketimeMT.so.1"))
          .filter(Files::exists)
          .findFirst();
    }
  }
}
