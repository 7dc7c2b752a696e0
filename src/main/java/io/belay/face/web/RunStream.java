package io.belay.face.web;

import io.belay.engine.control.RunActivities.OpenIncident;
import io.belay.engine.control.RunActivities.OpenTask;
import io.belay.journal.JournalEntry;
import io.belay.journal.RunningSteps.RunningStep;
import io.belay.run.RunStatus;
import io.belay.run.RunView;
import java.io.IOException;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** One client that follows a run: what it has been sent, and what comes next. */
final class RunStream {

  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  /** The run's status; sent when it differs from the last one sent. */
  record Status(
      RunStatus status,
      String reason,
      List<String> standing,
      Instant endedAt,
      List<OpenTask> tasks,
      List<OpenIncident> incidents) {

    static Status of(RunView run) {
      return new Status(
          run.status(), run.reason(), run.standing(), run.endedAt(), run.tasks(), run.incidents());
    }
  }

  /**
   * What is new since the client's position.
   *
   * @param more whether there are more entries than these
   * @param settled no entry older than this can still appear
   */
  record News(
      Status status,
      List<RunningStep> working,
      List<JournalEntry> entries,
      boolean more,
      Instant settled) {}

  private final SseEmitter emitter;
  private final Principal caller;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final Set<Long> sentAfterPosition = new HashSet<>();
  private volatile long position;
  private Status lastStatus;
  private List<RunningStep> lastWorking = List.of();
  private final String moreName;
  private final Supplier<?> more;
  private Object lastMore;
  private long lastSent = System.nanoTime(); // not the wall clock, which may be set

  /**
   * @param more data of further events, named {@code moreName}; null for none
   */
  RunStream(
      SseEmitter emitter, Principal caller, long position, String moreName, Supplier<?> more) {
    this.emitter = emitter;
    this.caller = caller;
    this.position = position;
    this.moreName = moreName;
    this.more = more;
  }

  Principal caller() {
    return caller;
  }

  /** The id up to which all entries were sent, and below which no other can appear. */
  long position() {
    return position;
  }

  boolean isIdle() {
    return !busy.get();
  }

  void send(News news, ExecutorService senders) {
    if (!busy.compareAndSet(false, true)) {
      return;
    }
    try {
      senders.execute(
          () -> {
            try {
              sendNow(news);
            } catch (IOException | IllegalStateException gone) {
              emitter.completeWithError(gone);
            } finally {
              busy.set(false);
            }
          });
    } catch (RejectedExecutionException stopping) {
      busy.set(false);
    }
  }

  private void sendNow(News news) throws IOException {
    for (JournalEntry entry : news.entries()) {
      if (sentAfterPosition.add(entry.id())) {
        event("journal", entry, entry.id());
      }
    }
    advance(news);
    if (news.more()) {
      return;
    }
    List<RunningStep> working = withoutHeartbeats(news.working());
    if (!working.equals(lastWorking)) {
      event("progress", news.working(), null);
      lastWorking = working;
    }
    Object other = more.get();
    if (other != null && !other.equals(lastMore)) {
      event(moreName, other, null);
      lastMore = other;
    }
    if (!Objects.equals(news.status(), lastStatus)) {
      event("status", news.status(), null);
      lastStatus = news.status();
    }
    if (news.status().endedAt() != null) {
      event("end", news.status(), null);
      emitter.complete();
    } else if (System.nanoTime() - lastSent > HEARTBEAT.toNanos()) {
      emitter.send(SseEmitter.event().comment("still here"));
      lastSent = System.nanoTime();
    }
  }

  private void advance(News news) {
    news.entries().stream()
        .filter(entry -> news.more() || entry.at().isBefore(news.settled()))
        .mapToLong(JournalEntry::id)
        .max()
        .ifPresent(
            id -> {
              position = id;
              sentAfterPosition.removeIf(sent -> sent <= id);
            });
  }

  private void event(String name, Object data, Long id) throws IOException {
    SseEmitter.SseEventBuilder event =
        SseEmitter.event().name(name).data(data, MediaType.APPLICATION_JSON);
    emitter.send(id == null ? event : event.id(Long.toString(id)));
    lastSent = System.nanoTime();
  }

  private static List<RunningStep> withoutHeartbeats(List<RunningStep> working) {
    return working.stream()
        .map(
            step ->
                new RunningStep(
                    step.stepKey(),
                    step.runId(),
                    step.instanceId(),
                    step.activityId(),
                    step.step(),
                    step.node(),
                    step.startedAt(),
                    null,
                    step.done(),
                    step.total(),
                    step.unit(),
                    step.message()))
        .toList();
  }

  void close() {
    emitter.complete();
  }
}
