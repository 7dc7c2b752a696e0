package io.belay.capability.outbox;

import io.belay.capability.outbox.DrainOutbox.Input;
import io.belay.capability.outbox.DrainOutbox.Result;
import io.belay.capability.outbox.Publisher.Answer;
import io.belay.step.StepContext;
import io.belay.step.Verdict;
import io.belay.target.TargetException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One pass over an outbox: publishes what was unprocessed when it began. A refused event keeps
 * those of its aggregate behind it; the others go on, and it is tried again after each round.
 */
final class Drain {

  /** With more stopped aggregates the publisher refuses as such. */
  private static final int MOST_STOPPED = 100;

  /** So many events one after the other without an answer: the publisher is down. */
  private static final int MOST_UNANSWERED = 10;

  private static final int SHOWN = 5;

  private static final int LONGEST = 2000;

  /**
   * @param times how often the event was refused in this attempt
   * @param stops whether the event is not offered again
   */
  private record Refusal(Event event, String why, int times, boolean stops) {

    @Override
    public String toString() {
      return "%s: %s%s".formatted(event, why, times == 0 ? "" : " (%d times)".formatted(times));
    }
  }

  private final OutboxSession session;
  private final OutboxTable table;
  private final Publisher publisher;
  private final Input input;
  private final StepContext context;

  /** By aggregate; it is removed when the event is published after all. */
  private final Map<String, Refusal> refusals = new LinkedHashMap<>();

  private long published;
  private long answers;
  private int unanswered;

  Drain(
      OutboxSession session,
      OutboxTable table,
      Publisher publisher,
      Input input,
      StepContext context) {
    this.session = session;
    this.table = table;
    this.publisher = publisher;
    this.input = input;
    this.context = context;
  }

  Result run() throws Exception {
    table.mark(List.of()); // whether it may, before anything is published
    long total = table.backlog();
    Optional<String> last = table.last();
    if (last.isEmpty()) {
      return new Result(Verdict.PASS, "there was no event to publish", 0, 0, 0);
    }
    new OpenWriters(session.connection(), table.oid()).awaitEnd(input.patience(), context);
    boolean reachedEnd = round(last.get(), total);
    while (stopped() <= MOST_STOPPED && (!reachedEnd || stopped() < refusals.size())) {
      pause();
      reachedEnd = round(last.get(), total);
    }
    if (answers == 0 && unanswered > 0) {
      throw silent(refusals.values().stream().filter(r -> r.times() > 0).findFirst().orElseThrow());
    }
    return result();
  }

  private long stopped() {
    return refusals.values().stream().filter(Refusal::stops).count();
  }

  /**
   * Publishes until each aggregate has nothing left or has had an event refused.
   *
   * @return false when so many were refused that the others were not offered
   */
  private boolean round(String last, long total) throws Exception {
    Set<String> aside = new HashSet<>();
    refusals.forEach(
        (aggregate, refusal) -> {
          if (refusal.stops()) {
            aside.add(aggregate);
          }
        });
    int most = aside.size() + MOST_STOPPED;
    while (aside.size() <= most) {
      List<Event> batch = table.first(input.batch(), last, aside);
      if (batch.isEmpty()) {
        refusals.keySet().retainAll(aside); // what somebody else has processed is not offered again
        return true;
      }
      stopWithoutOrder(batch, aside);
      publish(batch.subList(0, Math.min(batch.size(), input.batch())), aside);
      context.progress().report(published, total, "events", "published");
    }
    return false;
  }

  /** Two events of one aggregate with the same order value: which comes first is not known. */
  private void stopWithoutOrder(List<Event> batch, Set<String> aside) {
    Map<List<String>, Event> seen = new LinkedHashMap<>();
    for (Event event : batch) {
      Event other = seen.put(List.of(event.aggregate(), event.order()), event);
      if (other != null && !other.id().equals(event.id()) && aside.add(event.aggregate())) {
        String why =
            "event %s has the same %s, so their order is not known"
                .formatted(event.id(), input.order());
        refusals.put(event.aggregate(), new Refusal(other, why, 0, true));
        context.log("%s: %s", other, why);
      }
    }
  }

  private void publish(List<Event> batch, Set<String> aside) throws Exception {
    List<String> done = new ArrayList<>();
    try {
      for (Event event : batch) {
        if (!aside.contains(event.aggregate())) {
          session.requireHeld();
          context.cancellation().throwIfCancelled();
          if (accepted(event, publisher.publish(event))) {
            done.add(event.id());
          } else {
            aside.add(event.aggregate());
          }
        }
      }
    } catch (Exception e) {
      try {
        mark(done);
      } catch (SQLException notMarked) {
        e.addSuppressed(notMarked); // the next attempt publishes them again
      }
      throw e;
    }
    mark(done);
  }

  private void mark(List<String> done) throws SQLException {
    if (done.isEmpty()) {
      return;
    }
    int marked = table.mark(done);
    published += done.size();
    if (marked < done.size()) {
      context.log(
          "%d of %d events had been marked by somebody else meanwhile: does the application still publish them, too?",
          done.size() - marked, done.size());
    }
  }

  /** Counts an answer. */
  private boolean accepted(Event event, Answer answer) {
    if (answer.fate() == Publisher.Fate.PUBLISHED) {
      answers++;
      unanswered = 0;
      refusals.remove(event.aggregate());
      return true;
    }
    Refusal before = refusals.get(event.aggregate());
    boolean again = before != null && before.event().id().equals(event.id());
    int times = again ? before.times() + 1 : 1;
    Refusal refusal = new Refusal(event, answer.why(), times, times >= input.attempts());
    refusals.put(event.aggregate(), refusal);
    context.log("%s", refusal);
    if (answer.fate() == Publisher.Fate.REFUSED) {
      answers++;
      unanswered = 0;
    } else if (++unanswered >= MOST_UNANSWERED) {
      throw silent(refusal);
    }
    return false;
  }

  private TargetException silent(Refusal refusal) {
    return new TargetException(
        "'%s' does not answer: %s. %d events were published and marked before; no other is lost, and the next attempt goes on with it"
            .formatted(input.publisher(), refusal, published));
  }

  private void pause() throws InterruptedException {
    long end = System.nanoTime() + input.pause().toNanos();
    while (System.nanoTime() < end) {
      context.cancellation().throwIfCancelled();
      TimeUnit.MILLISECONDS.sleep(Math.min(100, input.pause().toMillis()));
    }
  }

  private Result result() throws SQLException {
    long left = table.backlog();
    if (refusals.isEmpty()) {
      return new Result(
          Verdict.PASS, "%d events were published".formatted(published), published, 0, left);
    }
    String shown =
        refusals.values().stream()
            .limit(SHOWN)
            .map(Refusal::toString)
            .collect(Collectors.joining("; "));
    int others = Math.max(0, refusals.size() - SHOWN);
    String reason =
        "%d events were published, and %d aggregates are stopped: %s%s"
            .formatted(
                published,
                refusals.size(),
                shown,
                others == 0 ? "" : "; and %d others, see the log".formatted(others));
    return new Result(
        Verdict.FAIL,
        reason.substring(0, Math.min(reason.length(), LONGEST)),
        published,
        refusals.size(),
        left);
  }
}
