package io.belay.matrix;

import io.belay.matrix.PeopleOfARun.Outcome;
import io.belay.playground.Effects;
import io.belay.playground.World;
import io.belay.playground.WorldFingerprint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Kills Belay at every step of a runbook, at every moment of it, with SIGKILL, and looks whether
 * the run ends as one that nobody disturbed: same end, same world, every effect as often, whole
 * journal. Steps and ways through come from the models; one run is killed at many steps, one after
 * the other.
 */
final class KillMatrix {

  /** What an undisturbed run does. */
  private record Reference(Outcome outcome, WorldFingerprint after, Effects effects) {}

  private static final int MOST_KILLS = 25;

  private final World world;
  private final RunbookModel model;
  private final Path directory;
  private final QuickStart start;
  private final Consumer<String> progress;
  private final Map<String, String> durations = new TreeMap<>();
  private final Map<Scenario, Reference> references = new LinkedHashMap<>();
  private final KilledRuns known;
  private int number;

  /**
   * @param known from earlier; what is found out is added to it
   */
  KillMatrix(
      World world,
      RunbookModel model,
      Path directory,
      QuickStart start,
      KilledRuns known,
      Consumer<String> progress) {
    this.world = world;
    this.model = model;
    this.directory = directory;
    this.start = start;
    this.known = known;
    this.progress = progress;
  }

  /**
   * All steps at those moments, but those that are known to be good.
   *
   * @param goOn is asked after each run
   */
  void runAll(Collection<KillMoment> moments, BooleanSupplier goOn) throws Exception {
    for (KillMoment moment : moments) {
      Set<String> done = new TreeSet<>();
      for (Scenario scenario : new Scenarios(model).all()) {
        if (!known.reached().containsKey(scenario.name())) {
          runReference(scenario);
        }
        Map<String, KillMoment> plan = new TreeMap<>();
        for (String step : known.reached().get(scenario.name())) {
          if (isPossible(scenario, step, moment) && done.add(step) && !known.isGood(step, moment)) {
            plan.put(step, moment);
          }
        }
        if (!plan.isEmpty()) {
          for (Map<String, KillMoment> part : parts(plan)) {
            kill(scenario, moment, part);
            if (!goOn.getAsBoolean()) {
              return;
            }
          }
        }
      }
    }
  }

  /** So that a problem has few causes. */
  private static List<Map<String, KillMoment>> parts(Map<String, KillMoment> plan) {
    int count = (plan.size() + MOST_KILLS - 1) / MOST_KILLS;
    List<Map<String, KillMoment>> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      parts.add(new TreeMap<>());
    }
    int next = 0;
    for (Map.Entry<String, KillMoment> kill : plan.entrySet()) {
      parts.get(next++ * count / plan.size()).put(kill.getKey(), kill.getValue());
    }
    return parts;
  }

  /** The step at which the run is aborted while it works comes to no result. */
  private boolean isPossible(Scenario scenario, String step, KillMoment moment) {
    return moment != KillMoment.AFTER_RESULT
        || scenario.abortAt() == null
        || !step.endsWith("/" + scenario.abortAt());
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
    for (String step : known.reached().get(scenario.name())) {
      moments.apply(step).ifPresent(moment -> plan.put(step, moment));
    }
    kill(scenario, KillMoment.MIDDLE, plan);
  }

  KilledRuns known() {
    return known;
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
        scenario, new Reference(observed.outcome(), observed.after(), observed.effects()));
    known.reached().put(scenario.name(), new TreeSet<>(observed.measured().keySet()));
    if (scenario.expectedStatus().equals("ROLLED_BACK")) {
      List<String> left = observed.after().differencesFrom(observed.before());
      if (!left.isEmpty()) {
        throw new IllegalStateException("an undisturbed rollback left differences: " + left);
      }
    }
  }

  private void kill(Scenario scenario, KillMoment moment, Map<String, KillMoment> plan)
      throws Exception {
    if (!references.containsKey(scenario)) {
      runReference(scenario);
    }
    long began = System.nanoTime();
    List<String> problems = new ArrayList<>();
    Map<String, String> killed = new TreeMap<>();
    plan.forEach((step, when) -> killed.put(step, when.label()));
    try {
      Observed observed = observe(scenario, plan, moment);
      killed.keySet().retainAll(observed.killed().keySet());
      problems.addAll(problems(scenario, moment, plan, observed));
    } catch (IllegalStateException stuck) {
      problems.add(stuck.getMessage());
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    known.runs().add(new KilledRun(LocalDate.now(), scenario, moment, killed, problems, seconds));
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

  /** What was there when the run began. */
  private static final class Start {

    private WorldFingerprint world;
    private Effects effects;

    void look(World at) {
      world = at.fingerprint();
      effects = at.effects();
    }
  }

  private Observed observe(Scenario scenario, Map<String, KillMoment> plan, KillMoment moment)
      throws Exception {
    world.reset();
    if (scenario.fault() != null) {
      world.fault(scenario.fault());
    }
    Start seen = new Start();
    Path run = Files.createDirectories(directory.resolve("run-" + ++number));
    BelayUnderFire belay =
        new BelayUnderFire(
            world,
            run,
            start,
            Map.of(
                PeopleOfARun.AFTER_EARLIER,
                () -> {
                  EarlierRun.passTime(world);
                  seen.look(world);
                },
                PeopleOfARun.AT_ABORT,
                () -> {
                  if (scenario.cacheIsRestored()) {
                    world.writeToCache();
                  }
                }));
    if (scenario.earlier() == null) {
      seen.look(world);
    }
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
        seen.world,
        world.fingerprint(),
        world.effects().since(seen.effects),
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
        .filter(difference -> !tellsOnlyWhen(difference))
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
   * Liquibase's rows tell when (that each is there once, the effects tell), and so do the files in
   * which the documents' migration keeps where it is.
   */
  private static boolean tellsOnlyWhen(String difference) {
    return difference.contains("content public.databasechangelog")
        || difference.startsWith("document file .belay/") && !difference.contains("null");
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
