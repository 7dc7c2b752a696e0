package io.belay.nodes;

import io.belay.step.Checkpoint;
import io.belay.step.PastStep;
import io.belay.step.Sample;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.UndoDelegate;
import io.belay.step.Undoes;
import io.belay.target.Environment;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * The steps of the runbook {@code web-test} with effects at an {@link EffectCounter}: each looks
 * first, as a step must, and acts a moment later.
 */
@TestConfiguration(proxyBeanMethods = false)
class CountedSteps {

  @Bean
  CountSlowly countSlowly(@Value("${belay.test.target}") String target) {
    return new CountSlowly(target);
  }

  @Bean
  CountBack countBack(@Value("${belay.test.target}") String target) {
    return new CountBack(target);
  }

  record CountInput(int to, Duration pause, boolean fail) {}

  record Counted(int samples, double p95Ms) {}

  @Checkpoint(name = "effect", type = String.class)
  static class CountSlowly extends StepDelegate<CountInput, Counted> {

    private final String target;

    CountSlowly(String target) {
      super(CountInput.class, Counted.class);
      this.target = target;
    }

    @Override
    public Counted perform(CountInput input, StepContext context) throws Exception {
      String effect = context.runName() + "-done";
      context.save("effect", effect);
      // Not by context.target(…): nothing listens there that could tell which system it is.
      context.log("the cache's password is %s", Cluster.CACHE_PASSWORD);
      boolean done = EffectCounter.ask(target, effect) > 0;
      for (int number = 1; number <= input.to(); number++) {
        context.cancellation().throwIfCancelled();
        context.progress().report(number, input.to(), "numbers", "at " + number);
        context.sample(
            List.of(
                new Sample(Instant.now(), "p95Ms", "candidate", 120),
                new Sample(Instant.now(), "p95Ms", "baseline", 110)));
        pause(input.pause(), context);
      }
      context.cancellation().throwIfCancelled();
      if (!done) {
        EffectCounter.have(target, effect);
      }
      return new Counted(input.to(), 120);
    }

    private static void pause(Duration pause, StepContext context) throws Exception {
      CountDownLatch cancelled = new CountDownLatch(1);
      AutoCloseable registration = context.cancellation().onCancel(cancelled::countDown);
      cancelled.await(pause.toMillis(), TimeUnit.MILLISECONDS);
      registration.close();
    }

    @Override
    public StepPlan plan(CountInput input, Environment environment) {
      return StepPlan.changes("counter", "Would count to " + input.to());
    }
  }

  record BackInput(boolean fail) {}

  @Undoes("countSlowly")
  static class CountBack extends UndoDelegate<BackInput, StepDelegate.Done> {

    private final String target;

    CountBack(String target) {
      super(BackInput.class, StepDelegate.Done.class);
      this.target = target;
    }

    @Override
    protected boolean takesBack(BackInput input, PastStep past, Environment environment) {
      return true;
    }

    @Override
    protected Done takeBack(BackInput input, List<PastStep> counts, StepContext context)
        throws Exception {
      String effect = context.runName() + "-undone";
      boolean begun =
          counts.stream().anyMatch(step -> step.saved("effect", String.class).isPresent());
      if (begun && EffectCounter.ask(target, effect) == 0) {
        EffectCounter.have(target, effect);
      }
      return new Done();
    }

    @Override
    public StepPlan plan(BackInput input, Environment environment) {
      return StepPlan.changes("counter", "Would count back");
    }
  }
}
