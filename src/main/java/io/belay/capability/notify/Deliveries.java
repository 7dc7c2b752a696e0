package io.belay.capability.notify;

import io.belay.step.Outbox;
import io.belay.step.Outbox.Message;
import io.belay.target.Environments;
import io.belay.target.TargetException;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Delivers messages independently of the runs that send them, one at a time to each address, so
 * that a slow receiver holds up no other. Retries after 1 s, 2 s, 4 s and so on, at most 5 min
 * apart and with at most {@value #MOST_ATTEMPTS} attempts, which takes about an hour; later where
 * the receiver asks for it ({@code Retry-After}), by an hour at most. The {@link Outbox} keeps them
 * meanwhile, so that Belay may stop; the outcome is in the run's log. A message whose answer Belay
 * did not see before it died is sent twice.
 */
@Component
class Deliveries {

  private static final Logger log = LoggerFactory.getLogger(Deliveries.class);

  private static final int MOST_ATTEMPTS = 20;
  private static final int THREADS = 2;
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
  private static final Duration LONGEST_ASKED = Duration.ofHours(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_STOP = Duration.ofSeconds(10);

  /** Longer than the longest time-out that {@link WebhookTargetType} allows. */
  private static final Duration LEASE = Duration.ofMinutes(1);

  private final ObjectProvider<Outbox> outbox;
  private final Environments environments;
  private final Webhook webhook;
  private final Duration firstPause;
  private final Map<String, CompletableFuture<Boolean>> awaited = new ConcurrentHashMap<>();

  /** Addresses to which a message is on its way; guarded by itself. */
  private final Set<String> busy = new HashSet<>();

  private final ScheduledExecutorService threads =
      Executors.newScheduledThreadPool(
          THREADS,
          task -> {
            Thread thread = new Thread(task, "notification");
            thread.setDaemon(true);
            return thread;
          });

  @Autowired
  Deliveries(ObjectProvider<Outbox> outbox, Environments environments, Webhook webhook) {
    this(outbox, environments, webhook, Duration.ofSeconds(1));
  }

  Deliveries(
      ObjectProvider<Outbox> outbox,
      Environments environments,
      Webhook webhook,
      Duration firstPause) {
    this.outbox = outbox;
    this.environments = environments;
    this.webhook = webhook;
    this.firstPause = firstPause;
    long look = firstPause.toMillis();
    for (int sender = 0; sender < THREADS; sender++) { // one may wait for a slow receiver
      threads.scheduleWithFixedDelay(this::deliverAll, look, look, TimeUnit.MILLISECONDS);
    }
  }

  /** Whether messages can be kept here; an agent has no database. */
  boolean canKeep() {
    return outbox.getIfAvailable() != null;
  }

  /**
   * Keeps the message and starts to deliver it. Completes within a second, with whether it was
   * delivered by then.
   */
  CompletableFuture<Boolean> begin(Message message) {
    CompletableFuture<Boolean> first = new CompletableFuture<>();
    awaited.put(message.key(), first);
    first
        .completeOnTimeout(false, LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((delivered, failure) -> awaited.remove(message.key()));
    outbox.getObject().keep(message);
    threads.execute(this::deliverAll);
    return first;
  }

  private void deliverAll() {
    try {
      while (!threads.isShutdown() && canKeep()) {
        Optional<Message> due = take();
        if (due.isEmpty()) {
          return;
        }
        try {
          deliver(due.get());
        } finally {
          free(due.get());
        }
      }
    } catch (RuntimeException e) {
      log.warn("Messages could not be delivered, which is tried again: {}", e.getMessage());
    }
  }

  private Optional<Message> take() {
    synchronized (busy) {
      Optional<Message> due = outbox.getObject().take(LEASE, busy);
      due.ifPresent(message -> busy.add(message.address()));
      return due;
    }
  }

  private void free(Message message) {
    synchronized (busy) {
      busy.remove(message.address());
    }
  }

  private void deliver(Message message) {
    boolean delivered = false;
    try {
      webhook.post(target(message), message);
      delivered = true;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt(); // the lease expires, and the message is taken again
      return;
    } catch (Webhook.Refused e) {
      failed(message, e.getMessage(), e.retryAfter());
    } catch (TargetException e) {
      failed(message, e.getMessage(), Duration.ZERO);
    } catch (RuntimeException e) {
      // Only the text of an expected failure is free of the address.
      failed(message, e.getClass().getSimpleName(), Duration.ZERO);
    }
    CompletableFuture<Boolean> waits = awaited.get(message.key());
    boolean known = waits != null && waits.complete(delivered);
    if (delivered) {
      outbox
          .getObject()
          .end(
              message,
              known
                  ? null
                  : "The message was delivered by attempt %d".formatted(message.attempt()));
    }
  }

  private WebhookTarget target(Message message) {
    WebhookTarget now =
        environments.load(message.environment()).target(message.target(), WebhookTarget.class);
    if (!now.address().equals(Optional.of(message.address()))) {
      throw new TargetException(
          "the webhook '%s' has another address than when the message was written"
              .formatted(message.target()));
    }
    return now;
  }

  private void failed(Message message, String why, Duration asked) {
    int number = message.attempt();
    if (number >= MOST_ATTEMPTS) {
      outbox
          .getObject()
          .end(message, "The message was not delivered, %d attempts: %s".formatted(number, why));
      return;
    }
    long ours =
        Math.min(firstPause.toMillis() << Math.min(number - 1, 20), LONGEST_PAUSE.toMillis());
    long pause = Math.max(ours, Math.min(asked.toMillis(), LONGEST_ASKED.toMillis()));
    outbox
        .getObject()
        .postpone(
            message,
            Duration.ofMillis(pause),
            number == 1
                ? "Not delivered yet, tried again beside the run: %s".formatted(why)
                : null);
  }

  /**
   * Stops deliveries; undelivered messages wait in the outbox for the next start. No interrupt:
   * during a write it would close H2's file.
   */
  @PreDestroy
  void stop() throws InterruptedException {
    threads.shutdown();
    if (!threads.awaitTermination(LONGEST_STOP.toMillis(), TimeUnit.MILLISECONDS)) {
      log.warn("A message is still on its way at shutdown; after the next start it goes out again");
    }
  }
}
