package io.belay.step;

import io.belay.journal.RunningSteps;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Says regularly that this node lives. */
@Component
class StepHeartbeat {

  private static final Logger log = LoggerFactory.getLogger(StepHeartbeat.class);

  private final RunningSteps running;
  private final Node node;
  private ScheduledExecutorService scheduler;

  StepHeartbeat(RunningSteps running, Node node) {
    this.running = running;
    this.node = node;
  }

  void start(Duration interval, Runnable alsoDo) {
    scheduler =
        Executors.newSingleThreadScheduledExecutor(
            runnable -> {
              Thread thread = new Thread(runnable, "belay-heartbeat");
              thread.setDaemon(true);
              return thread;
            });
    scheduler.scheduleWithFixedDelay(
        () -> {
          safely(() -> running.beat(node.name()));
          safely(alsoDo);
        },
        interval.toMillis(),
        interval.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  void stop() {
    scheduler.shutdownNow();
  }

  private static void safely(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      log.warn("A heartbeat failed: {}", e.getMessage());
    }
  }
}
