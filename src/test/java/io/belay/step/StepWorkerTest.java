package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.belay.target.Environment;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StepWorkerTest {

  private static final String TASK = "task-1";

  private final Engine engine = new Engine();
  private final Node node = new Node("");
  private final StepSettings settings =
      new StepSettings(
          8,
          4,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ofSeconds(30),
          Duration.ofMillis(20),
          Duration.ofMillis(20),
          Duration.ofSeconds(30));
  private final StepWorker worker =
      new StepWorker(
          engine,
          // No attempt gets further than being opened.
          new StepRunner(
              new NoJournals(),
              null,
              null,
              null,
              null,
              null,
              new SimpleMeterRegistry(),
              node,
              List.of()),
          new StepHeartbeat(new NoJournals(), node, settings),
          settings,
          new SimpleMeterRegistry(),
          node,
          List.of(new Waits()));

  @AfterEach
  void stop() {
    engine.secondMayEnd.countDown();
    worker.stop();
  }

  @Test
  void attemptThatEndsAfterTheNextBegan_leavesTheNextItsLock() throws Exception {
    worker.start();
    assertThat(engine.secondBegan.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(engine.firstReported.await(20, TimeUnit.SECONDS)).isTrue();

    int renewed = engine.renewals.get();
    await().untilAsserted(() -> assertThat(engine.renewals.get()).isGreaterThan(renewed + 5));
    // Fetched again, as after a lock that ran out: the one that works goes on alone.
    engine.waiting.add(engine.task());
    await().until(engine.waiting::isEmpty);
    int later = engine.renewals.get();
    await().until(() -> engine.renewals.get() > later + 5);
    assertThat(engine.opened).hasValue(2);
  }

  /** One task whose first attempt fails, and whose failure is told slowly. */
  private static final class Engine implements ExternalTasks {

    private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>(List.of(task()));
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger renewals = new AtomicInteger();
    private final CountDownLatch secondBegan = new CountDownLatch(1);
    private final CountDownLatch secondMayEnd = new CountDownLatch(1);
    private final CountDownLatch firstReported = new CountDownLatch(1);

    private Waiting task() {
      return new Waiting(TASK, "waits", "Task_Wait", null, true, this::open);
    }

    @Override
    public List<Waiting> find(int most, Collection<String> steps, Set<String> except) {
      Waiting next = waiting.poll();
      return next == null ? List.of() : List.of(next);
    }

    @Override
    public void await(Duration longest) {
      try {
        Thread.sleep(longest.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void wakeUp() {}

    private StepTask open() {
      if (opened.incrementAndGet() == 1) {
        throw new IllegalStateException("the first attempt fails");
      }
      secondBegan.countDown();
      awaitQuietly(secondMayEnd);
      throw new CancellationException("the test is over");
    }

    @Override
    public boolean extendLock(String id) {
      renewals.incrementAndGet();
      return true;
    }

    @Override
    public void fail(String id, String message, int left, Duration pause) {
      waiting.add(task());
      awaitQuietly(secondBegan);
      firstReported.countDown();
    }

    private static void awaitQuietly(CountDownLatch latch) {
      try {
        latch.await(20, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void complete(String id, Map<String, Object> result) {}

    @Override
    public void stop(String id, String reason) {}

    @Override
    public void unlock(String id) {}
  }

  private static final class NoJournals implements StepJournals {

    @Override
    public StepJournal of(StepTask task, String step) {
      throw new UnsupportedOperationException();
    }

    @Override
    public <T> T together(Supplier<T> work) {
      return work.get();
    }

    @Override
    public void beat(Node living) {}
  }

  record Nothing() {}

  static final class Waits extends StepDelegate<Nothing, StepDelegate.Done> {

    Waits() {
      super(Nothing.class, StepDelegate.Done.class);
    }

    @Override
    public Done perform(Nothing input, StepContext context) {
      return new Done();
    }

    @Override
    public StepPlan.Effect effect() {
      return StepPlan.Effect.OBSERVES;
    }

    @Override
    public StepPlan plan(Nothing input, Environment environment) {
      return StepPlan.observes("", "Waits");
    }
  }
}
