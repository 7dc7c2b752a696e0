package io.belay.face.web;

import io.belay.step.PastStep;
import io.belay.step.Sample;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import io.belay.target.RedisTarget;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

/** The steps of the runbook {@code web-test}: they count, slowly if told so, or fail. */
@TestConfiguration(proxyBeanMethods = false)
class CountingSteps {

  @Bean
  CountSlowly countSlowly() {
    return new CountSlowly();
  }

  @Bean
  CountBack countBack() {
    return new CountBack();
  }

  record CountInput(
      int to,
      Duration pause,
      boolean fail,
      @TargetName(RedisTarget.class) @DefaultValue("cache") String cache) {}

  record Counted(int samples, double p95Ms) {}

  /** Counts, samples, and writes an artifact. A count over 500 is too slow for the gate. */
  static class CountSlowly extends StepDelegate<CountInput, Counted> {

    CountSlowly() {
      super(CountInput.class, Counted.class);
    }

    @Override
    public Counted perform(CountInput input, StepContext context) throws Exception {
      if (input.fail()) {
        throw new IllegalStateException("nobody taught me to count");
      }
      double latency = input.to() > 500 ? 350 : 120;
      for (int number = 1; number <= input.to(); number++) {
        context.cancellation().throwIfCancelled();
        context.progress().report(number, input.to(), "numbers", "at " + number);
        if (number <= 40) {
          context.sample(
              List.of(
                  new Sample(Instant.now(), "p95Ms", "candidate", latency + 10 * (number % 5)),
                  new Sample(Instant.now(), "p95Ms", "baseline", 100 + 7 * (number % 4))));
        }
        pause(input.pause(), context);
      }
      context.log("counted to %d", input.to());
      context
          .artifacts()
          .write(
              context.runId(),
              "count.txt",
              "report",
              out -> {
                out.write(Integer.toString(input.to()).getBytes(StandardCharsets.UTF_8));
                return Map.of("counted", Integer.toString(input.to()));
              });
      return new Counted(input.to(), latency);
    }

    private static void pause(Duration pause, StepContext context) throws Exception {
      CountDownLatch cancelled = new CountDownLatch(1);
      AutoCloseable registration = context.cancellation().onCancel(cancelled::countDown);
      cancelled.await(pause.toMillis(), TimeUnit.MILLISECONDS);
      registration.close();
    }

    @Override
    public StepPlan plan(CountInput input, Environment environment) {
      return StepPlan.changes("counter", "Would count to " + input.to(), "1.." + input.to());
    }
  }

  record BackInput(boolean fail) {}

  /** Takes the count back. */
  @Undoes("countSlowly")
  static class CountBack extends UndoDelegate<BackInput, StepDelegate.Done> {

    CountBack() {
      super(BackInput.class, StepDelegate.Done.class);
    }

    @Override
    protected boolean takesBack(BackInput input, PastStep past, Environment environment) {
      return true;
    }

    @Override
    protected Done takeBack(BackInput input, List<PastStep> counts, StepContext context) {
      if (input.fail()) {
        throw new IllegalStateException("the count is stuck");
      }
      context.log("counted back %d counts", counts.size());
      return new Done();
    }

    @Override
    public StepPlan plan(BackInput input, Environment environment) {
      return StepPlan.changes("counter", "Would count back");
    }
  }
}
