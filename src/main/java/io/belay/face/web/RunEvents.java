package io.belay.face.web;

import io.belay.face.web.RunStream.News;
import io.belay.face.web.RunStream.Status;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.RunningSteps;
import io.belay.journal.RunningSteps.RunningStep;
import io.belay.run.RunView;
import io.belay.run.Runs;
import io.belay.security.Logins;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Streams of events about runs, read from the database, so that it does not matter which node works
 * on a run: one reader, about three times a second, once per watched run, however many clients
 * watch it. A small pool serves the clients, and a slow one delays only itself.
 */
@Component
public class RunEvents implements SmartLifecycle {

  /** There are too many streams. */
  public static final class TooManyStreams extends RuntimeException {
    TooManyStreams() {
      super("There are %d streams already; close some, or poll the run.".formatted(MOST));
    }
  }

  private static final Logger log = LoggerFactory.getLogger(RunEvents.class);
  private static final int MOST = 500;
  private static final int BATCH = 1000;
  private static final Duration PERIOD = Duration.ofMillis(300);
  private static final Duration CHECK = Duration.ofSeconds(2);

  /** An entry appears when its transaction commits: later than entries with higher ids. */
  private static final Duration SETTLED_AFTER = Duration.ofSeconds(30);

  private final Runs runs;
  private final Journal journal;
  private final RunningSteps running;
  private final Logins logins;
  private final Map<String, Set<RunStream>> streams = new ConcurrentHashMap<>();
  private ScheduledExecutorService reader;
  private ExecutorService senders;

  RunEvents(Runs runs, Journal journal, RunningSteps running, Logins logins) {
    this.runs = runs;
    this.journal = journal;
    this.running = running;
    this.logins = logins;
  }

  /**
   * A stream of all that happens in the run after the given journal entry. Earlier entries less
   * than half a minute old are sent again, since some may have appeared late, after the client had
   * read past them.
   *
   * @param caller the stream ends with the caller's login
   * @throws TooManyStreams when this node has as many as it can serve
   */
  SseEmitter open(String runId, long afterEntry, Principal caller) {
    return open(runId, afterEntry, caller, "", () -> null);
  }

  /**
   * As {@link #open(String, long, Principal)}, with events of another kind between those of the
   * run.
   *
   * @param name of these events
   * @param more supplies the data of these events; sent when it has changed; null for none
   * @throws TooManyStreams when this node has as many as it can serve
   */
  public SseEmitter open(
      String runId, long afterEntry, Principal caller, String name, Supplier<?> more) {
    if (streams.values().stream().mapToInt(Set::size).sum() >= MOST) {
      throw new TooManyStreams();
    }
    SseEmitter emitter = new SseEmitter(0L);
    RunStream stream = new RunStream(emitter, caller, settled(runId, afterEntry), name, more);
    Runnable forget = () -> forget(runId, stream);
    emitter.onCompletion(forget);
    emitter.onTimeout(forget);
    emitter.onError(failure -> forget.run());
    streams.compute(
        runId,
        (id, watching) -> {
          Set<RunStream> all = watching == null ? ConcurrentHashMap.newKeySet() : watching;
          all.add(stream);
          return all;
        });
    return emitter;
  }

  private long settled(String runId, long entry) {
    return entry == 0 ? 0 : journal.lastBefore(runId, entry, Instant.now().minus(SETTLED_AFTER));
  }

  private void forget(String runId, RunStream stream) {
    streams.computeIfPresent(
        runId,
        (id, watching) -> {
          watching.remove(stream);
          return watching.isEmpty() ? null : watching;
        });
  }

  /**
   * Ends streams whose login has ended: a stream outlives its request's check, so it is repeated.
   */
  private void endRevoked() {
    try {
      streams
          .values()
          .forEach(
              watching ->
                  watching.stream()
                      .filter(stream -> !logins.stillHolds(stream.caller()))
                      .forEach(RunStream::close));
    } catch (RuntimeException e) {
      log.warn("The logins of those who follow runs cannot be checked now: {}", e.getMessage());
    }
  }

  private void read() {
    streams.forEach(
        (runId, watching) -> {
          try {
            read(runId, watching);
          } catch (RuntimeException e) {
            log.warn("Events of run {} cannot be read now: {}", runId, e.getMessage());
          }
        });
  }

  /** Reads the status first: the entries that led to it are then in the journal. */
  private void read(String runId, Collection<RunStream> watching) {
    RunView run = runs.summary(runId).orElse(null);
    if (run == null) {
      return;
    }
    List<RunningStep> working = running.ofRun(runId);
    Instant settled = Instant.now().minus(SETTLED_AFTER);
    Map<Long, List<RunStream>> byPosition =
        watching.stream()
            .filter(RunStream::isIdle)
            .collect(Collectors.groupingBy(RunStream::position));
    byPosition.forEach(
        (position, group) -> {
          List<JournalEntry> entries = journal.entries(runId, position, BATCH);
          News news = new News(Status.of(run), working, entries, entries.size() == BATCH, settled);
          group.forEach(stream -> stream.send(news, senders));
        });
  }

  @Override
  public void start() {
    senders = Executors.newFixedThreadPool(8, work -> daemon(work, "run-events-sender"));
    reader = Executors.newSingleThreadScheduledExecutor(work -> daemon(work, "run-events-reader"));
    reader.scheduleWithFixedDelay(
        this::read, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    reader.scheduleWithFixedDelay(
        this::endRevoked, CHECK.toMillis(), CHECK.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Streams end before the server waits for requests to end. */
  @Override
  public void stop() {
    reader.shutdown(); // no interrupt: during a read it would close H2's file
    streams.values().forEach(watching -> List.copyOf(watching).forEach(RunStream::close));
    senders.shutdown();
    reader = null;
  }

  @Override
  public boolean isRunning() {
    return reader != null;
  }
}
