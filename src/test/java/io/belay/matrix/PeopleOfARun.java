package io.belay.matrix;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.artifact.ArtifactStore;
import io.belay.engine.control.RunActivities;
import io.belay.engine.control.RunActivities.OpenTask;
import io.belay.engine.control.RunControl;
import io.belay.engine.control.TaskForms;
import io.belay.journal.Journal;
import io.belay.journal.JournalChain;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import io.belay.run.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Inside Belay: starts the one run, answers its tasks, aborts it where the scenario says so, and
 * ends the process with {@code outcome.json} when the run has ended or is stuck. Killed with it,
 * and goes on in the next process.
 */
@Component
@ConditionalOnProperty("belay.test.matrix")
class PeopleOfARun {

  /** What is known at the end. */
  record Outcome(
      String status,
      String reason,
      List<String> incidents,
      List<String> chainProblems,
      List<String> doubleResults,
      Map<String, Long> artifacts) {}

  /** Is there while the run before the run works. */
  static final String EARLIER = "earlier";

  /** Appear when the world outside is to be changed; with an end, when it was. */
  static final String AFTER_EARLIER = "after-earlier";

  static final String AT_ABORT = "at-abort";
  static final String DONE = ".done";

  private static final Logger log = LoggerFactory.getLogger(PeopleOfARun.class);

  private final Path directory;
  private final RunControl control;
  private final Runs runs;
  private final RunActivities activities;
  private final TaskForms forms;
  private final Journal journal;
  private final JournalChain chain;
  private final ArtifactStore artifacts;
  private final HoldForAbort hold;
  private final ObjectMapper json;
  private final boolean orderly;

  PeopleOfARun(
      @Value("${belay.test.matrix}") Path directory,
      @Value("${belay.test.orderly:false}") boolean orderly,
      RunControl control,
      Runs runs,
      RunActivities activities,
      TaskForms forms,
      Journal journal,
      JournalChain chain,
      ArtifactStore artifacts,
      HoldForAbort hold,
      ObjectMapper json) {
    this.directory = directory;
    this.orderly = orderly;
    this.control = control;
    this.runs = runs;
    this.activities = activities;
    this.forms = forms;
    this.journal = journal;
    this.chain = chain;
    this.artifacts = artifacts;
    this.hold = hold;
    this.json = json;
  }

  @EventListener(ApplicationReadyEvent.class)
  void begin() {
    new Thread(this::work, "people").start();
  }

  private void work() {
    int code = 1;
    try {
      Scenario scenario =
          json.readValue(directory.resolve("scenario.json").toFile(), Scenario.class);
      if (scenario.earlier() != null && !Files.exists(directory.resolve(AFTER_EARLIER))) {
        Files.writeString(directory.resolve(EARLIER), "");
        RunView earlier = await(begun(scenario.earlier().runbook(), scenario), scenario);
        if (earlier.status() != RunStatus.COMPLETED) {
          throw new IllegalStateException("the run before it ended " + earlier);
        }
        letChange(AFTER_EARLIER);
        Files.delete(directory.resolve(EARLIER));
      }
      write(await(begun(scenario.runbook(), scenario), scenario));
      code = 0;
    } catch (Exception e) {
      log.error("The people do not know what to do", e);
    }
    awaitNoStepWorks();
    if (orderly) {
      System.exit(code); // with all that an orderly end does
    }
    Runtime.getRuntime().halt(code);
  }

  /** A step may still work here although the run is over: it was taken over by another node. */
  private static void awaitNoStepWorks() {
    while (Thread.getAllStackTraces().values().stream()
        .flatMap(Stream::of)
        .anyMatch(frame -> frame.getClassName().equals("io.belay.step.StepRunner"))) {
      LockSupport.parkNanos(50_000_000);
    }
  }

  /** Goes on with what a killed process has begun. */
  private String begun(String runbook, Scenario scenario) {
    return runs.list(2, 0).stream()
        .filter(run -> run.runbook().equals(runbook))
        .map(RunView::id)
        .findFirst()
        .orElseGet(
            () ->
                control.start(
                    runbook,
                    null,
                    runbook.equals(scenario.runbook())
                        ? scenario.parameters()
                        : scenario.earlier().parameters(),
                    "operator"));
  }

  private RunView await(String id, Scenario scenario) throws Exception {
    while (true) {
      if (runs.summary(id).orElseThrow().hasEnded() || !activities.incidents(id).isEmpty()) {
        return runs.find(id).orElseThrow();
      }
      try {
        if (hold.holds()) {
          abort(id);
          hold.release();
        }
        for (OpenTask task : activities.tasks(id)) {
          if (task.activityId().equals(scenario.abortAt())) {
            abort(id);
          } else {
            answer(task);
          }
        }
      } catch (RunControl.NotPossible gone) {
        log.info("Too late: {}", gone.getMessage());
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private void answer(OpenTask task) {
    String who = task.groups().contains("approver") ? "approver" : "operator";
    control.complete(task.id(), Answers.agreeing(forms.of(task.id())), who);
  }

  /** Only after the world outside has been changed, which a rollback must take back. */
  private void abort(String run) throws IOException, InterruptedException {
    letChange(AT_ABORT);
    control.abort(run, "the matrix has seen enough", "operator");
  }

  private void letChange(String when) throws IOException, InterruptedException {
    Files.writeString(directory.resolve(when), "");
    while (!Files.exists(directory.resolve(when + DONE))) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private void write(RunView run) throws IOException {
    List<JournalEntry> entries = journal.entries(run.id(), 0, 100_000);
    Map<String, Long> results =
        entries.stream()
            .filter(entry -> entry.kind() == Kind.RESULT)
            .collect(
                Collectors.groupingBy(
                    entry -> entry.activityId() + " " + entry.stepKey(), Collectors.counting()));
    Map<String, Long> kinds =
        artifacts.ofRun(run.id()).stream()
            .collect(
                Collectors.groupingBy(
                    artifact -> artifact.kind(), TreeMap::new, Collectors.counting()));
    Outcome outcome =
        new Outcome(
            run.status().name(),
            run.reason(),
            run.incidents().stream()
                .map(incident -> incident.activityId() + ": " + incident.message())
                .toList(),
            chain.check().problems().stream().map(Object::toString).toList(),
            results.entrySet().stream()
                .filter(step -> step.getValue() > 1)
                .map(Map.Entry::getKey)
                .toList(),
            new LinkedHashMap<>(kinds));
    Path part = directory.resolve("outcome.part");
    json.writeValue(part.toFile(), outcome);
    Files.move(part, directory.resolve("outcome.json"), StandardCopyOption.ATOMIC_MOVE);
  }
}
