package io.belay.step;

import io.belay.journal.RunningSteps;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Reports regularly that this node is alive. When it cannot, work stops before the others count
 * this node as dead and begin the same steps.
 */
@Component
class StepHeartbeat {

  private static final Logger log = LoggerFactory.getLogger(StepHeartbeat.class);

  private static final Duration LONGEST_SILENCE = RunningSteps.DEAD_AFTER.minusSeconds(5);

  private final StepJournals journals;
  private final Node node;
  private final Duration longestSilence;
  private ScheduledExecutorService scheduler;
  private volatile long heard;

  StepHeartbeat(StepJournals journals, Node node, StepSettings settings) {
    this.journals = journals;
    this.node = node;
    this.longestSilence =
        settings.lock().compareTo(LONGEST_SILENCE) < 0 ? settings.lock() : LONGEST_SILENCE;
  }

  /**
   * @param onSilence runs when no heartbeat succeeded for too long
   */
  void start(Duration interval, Runnable alsoDo, Runnable onSilence) {
    heard = System.nanoTime();
    scheduler =
        Executors.newScheduledThreadPool(
            2,
            runnable -> {
              Thread thread = new Thread(runnable, "belay-heartbeat");
              thread.setDaemon(true);
              return thread;
            });
    scheduler.scheduleWithFixedDelay(
        () -> {
          if (isSilent()) {
            // A new heartbeat does not save the present work: others may have begun the same steps.
            safely(onSilence);
          }
          safely(this::beat);
          safely(alsoDo);
        },
        interval.toMillis(),
        interval.toMillis(),
        TimeUnit.MILLISECONDS);
    scheduler.scheduleWithFixedDelay(
        () -> {
          if (isSilent()) {
            safely(onSilence);
          }
        },
        interval.toMillis(),
        interval.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /**
   * Whether this node was silent for so long that others may have begun its steps. True at once
   * after a pause of the whole process, before any of its threads has noticed.
   */
  boolean isSilent() {
    return heard != 0 && System.nanoTime() - heard > longestSilence.toNanos();
  }

  private void beat() {
    journals.beat(node);
    heard = System.nanoTime();
  }

  void stop() {
    // No interrupt: in the middle of a write it would close H2's file.
    scheduler.shutdown();
  }

  private static void safely(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      log.warn("A heartbeat failed: {}", e.getMessage());
    }
  }
}
