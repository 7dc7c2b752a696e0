package io.belay.matrix;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.matrix.PeopleOfARun.Outcome;
import io.belay.matrix.RunbookModel.Step;
import io.belay.playground.Effects;
import io.belay.playground.World;
import io.belay.playground.WorldFingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Kills Belay at every step of a runbook, at every moment of it, with SIGKILL, and looks whether
 * the run ends as one that nobody disturbed: same end, same world, every effect as often, whole
 * journal. Steps and ways through come from the models; one run is killed at many steps, one after
 * the other.
 */
final class KillMatrix {

  /**
   * A run that was killed.
   *
   * @param killed steps, and when; a value that ends with {@code late} missed the middle
   * @param problems empty when all is as in the undisturbed run
   */
  record KilledRun(
      Scenario scenario,
      KillMoment moment,
      Map<String, String> killed,
      List<String> problems,
      double seconds) {}

  /** What to do now and then. */
  @FunctionalInterface
  interface Callback {
    void call() throws Exception;
  }

  /** What an undisturbed run does. */
  private record Reference(
      Outcome outcome, WorldFingerprint after, Effects effects, Set<String> steps) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  private final World world;
  private final RunbookModel model;
  private final Path directory;
  private final QuickStart start;
  private final Consumer<String> progress;
  private final Map<String, String> durations = new TreeMap<>();
  private final Map<Scenario, Reference> references = new LinkedHashMap<>();
  private final List<KilledRun> runs = new ArrayList<>();
  private int number;

  KillMatrix(World world, RunbookModel model, Path directory, Consumer<String> progress)
      throws Exception {
    this.world = world;
    this.model = model;
    this.directory = directory;
    this.start = new QuickStart(directory.resolve("start"));
    this.progress = progress;
  }

  /**
   * The whole of it.
   *
   * @param after is called after each run
   */
  void runAll(Collection<KillMoment> moments, Callback after) throws Exception {
    for (Scenario scenario : new Scenarios(model).all()) {
      runReference(scenario);
    }
    for (KillMoment moment : moments) {
      Set<String> done = new TreeSet<>();
      for (Scenario scenario : references.keySet()) {
        kill(scenario, moment, step -> !done.contains(step));
        done.addAll(references.get(scenario).steps());
        after.call();
      }
    }
  }

  /**
   * One scenario, killed at some steps, each at a moment of its own.
   *
   * @param moments empty for a step at which it is not killed
   */
  void runMixed(Scenario scenario, Function<String, Optional<KillMoment>> moments)
      throws Exception {
    runReference(scenario);
    Map<String, KillMoment> plan = new TreeMap<>();
    for (String step : references.get(scenario).steps()) {
      moments.apply(step).ifPresent(moment -> plan.put(step, moment));
    }
    kill(scenario, KillMoment.MIDDLE, plan);
  }

  /** Takes over what was found out earlier about other moments than these. */
  void load(Path file, Collection<KillMoment> except) throws IOException {
    if (Files.exists(file)) {
      for (KilledRun run : JSON.readValue(file.toFile(), KilledRun[].class)) {
        if (!except.contains(run.moment())) {
          runs.add(run);
        }
      }
    }
  }

  void save(Path file) throws IOException {
    JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), runs);
  }

  List<KilledRun> runs() {
    return runs;
  }

  /**
   * Steps of the models that no scenario reached; those that only an interruption reaches apart.
   */
  List<Step> unreached() {
    Set<String> reached = new TreeSet<>();
    references.values().forEach(reference -> reached.addAll(reference.steps()));
    return model.steps().stream().filter(step -> !reached.contains(step.key())).toList();
  }

  RunbookModel model() {
    return model;
  }

  private void runReference(Scenario scenario) throws Exception {
    progress.accept("%s, %s: undisturbed".formatted(model.id(), scenario.name()));
    Observed observed = observe(scenario, Map.of(), null);
    if (!observed.outcome().status().equals(scenario.expectedStatus())) {
      throw new IllegalStateException(
          "the undisturbed run '%s' ended %s: %s"
              .formatted(scenario.name(), observed.outcome().status(), observed.outcome()));
    }
    observed.measured().forEach(durations::putIfAbsent);
    references.put(
        scenario,
        new Reference(
            observed.outcome(),
            observed.after(),
            observed.effects(),
            new TreeSet<>(observed.measured().keySet())));
    if (scenario.expectedStatus().equals("ROLLED_BACK")) {
      List<String> left = observed.after().differencesFrom(observed.before());
      if (!left.isEmpty()) {
        throw new IllegalStateException("an undisturbed rollback left differences: " + left);
      }
    }
  }

  private void kill(Scenario scenario, KillMoment moment, Predicate<String> which)
      throws Exception {
    Map<String, KillMoment> plan = new TreeMap<>();
    references.get(scenario).steps().stream().filter(which).forEach(s -> plan.put(s, moment));
    if (!plan.isEmpty()) {
      kill(scenario, moment, plan);
    }
  }

  private void kill(Scenario scenario, KillMoment moment, Map<String, KillMoment> plan)
      throws Exception {
    long began = System.nanoTime();
    List<String> problems = new ArrayList<>();
    Map<String, String> killed = Map.of();
    try {
      Observed observed = observe(scenario, plan, moment);
      killed = observed.killed();
      problems.addAll(problems(scenario, moment, plan, observed));
    } catch (IllegalStateException stuck) {
      problems.add(stuck.getMessage());
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    runs.add(new KilledRun(scenario, moment, killed, problems, seconds));
    progress.accept(
        "%s, %s, %s: %d kills, %s in %.0f s%n"
            .formatted(
                model.id(),
                scenario.name(),
                moment.label(),
                killed.size(),
                problems.isEmpty() ? "as undisturbed" : problems,
                seconds));
  }

  private record Observed(
      Outcome outcome,
      WorldFingerprint before,
      WorldFingerprint after,
      Effects effects,
      Map<String, String> killed,
      Map<String, String> measured) {}

  private Observed observe(Scenario scenario, Map<String, KillMoment> plan, KillMoment moment)
      throws Exception {
    world.reset();
    if (scenario.fault() != null) {
      world.fault(scenario.fault());
    }
    WorldFingerprint before = world.fingerprint();
    Effects earlier = world.effects();
    Path run = Files.createDirectories(directory.resolve("run-" + ++number));
    BelayUnderFire belay =
        new BelayUnderFire(
            world,
            run,
            start,
            () -> {
              if (scenario.cacheIsRestored()) {
                world.writeToCache();
              }
            });
    Outcome outcome =
        belay.run(
            scenario,
            plan,
            durations,
            number,
            kills ->
                progress.accept(
                    "%s, %s, %s: kill %d of %d"
                        .formatted(
                            model.id(), scenario.name(), moment.label(), kills, plan.size())));
    return new Observed(
        outcome,
        before,
        world.fingerprint(),
        world.effects().since(earlier),
        belay.killed(),
        belay.measured());
  }

  private List<String> problems(
      Scenario scenario, KillMoment moment, Map<String, KillMoment> plan, Observed observed) {
    Reference reference = references.get(scenario);
    Outcome outcome = observed.outcome();
    List<String> problems = new ArrayList<>();
    if (!outcome.status().equals(scenario.expectedStatus())) {
      problems.add("it ended %s: %s".formatted(outcome.status(), outcome.incidents()));
    }
    outcome.chainProblems().forEach(problem -> problems.add("journal: " + problem));
    outcome.doubleResults().forEach(step -> problems.add("two results: " + step));
    if (!outcome.artifacts().equals(reference.outcome().artifacts())) {
      problems.add(
          "artifacts: %s, expected %s"
              .formatted(outcome.artifacts(), reference.outcome().artifacts()));
    }
    WorldFingerprint wanted =
        scenario.expectedStatus().equals("ROLLED_BACK") ? observed.before() : reference.after();
    observed.after().differencesFrom(wanted).stream()
        // Its rows tell when; that each is there once, the effects tell.
        .filter(difference -> !difference.contains("content public.databasechangelog"))
        .forEach(difference -> problems.add("world: " + difference));
    observed.effects().differencesFrom(reference.effects()).stream()
        .filter(difference -> !isAllowed(difference, moment))
        .forEach(difference -> problems.add("effect: " + difference));
    plan.keySet().stream()
        .filter(step -> !observed.killed().containsKey(step))
        .forEach(step -> problems.add("was not killed at " + step));
    return problems;
  }

  /**
   * In the middle of an effect: a message whose answer nobody heard is sent again, since one too
   * many is better than none; statements of a transaction that died with its client were counted,
   * but had no effect.
   */
  private static boolean isAllowed(String difference, KillMoment moment) {
    return moment == KillMoment.MIDDLE
        && (difference.startsWith("message: ") || difference.startsWith("sql: "));
  }
}
