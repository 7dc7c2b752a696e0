package io.belay.capability.change;

import io.belay.step.BusinessStop;
import io.belay.step.Expectations;
import io.belay.step.StepContext;
import io.belay.target.TargetException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A change that can be asked at any moment whether it is in place: made once whatever kills the
 * attempt, and taken back as far as this run made it.
 */
final class CheckedChange {

  /** Checkpoint that is saved right before the change: what is there since is this run's. */
  static final String BEGUN = "begun";

  private static final Duration PAUSE = Duration.ofMillis(500);

  /** How much of a change is in place. */
  enum State {
    DONE("in place"),
    NOT_DONE("not in place"),
    HALF("half in place");

    private final String words;

    State(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /**
   * @param answer of the check
   */
  record Seen(State state, Expectations.Answer answer) {}

  /** Remembers, through any kill, whether this execution has begun to make the change. */
  interface Memory {

    boolean begun();

    /** Called right before the change: what is there since is this run's. */
    void begin();
  }

  /** How one change is checked, made and taken back. */
  interface Way {

    /**
     * @throws TargetException when it cannot be told
     */
    Seen check();

    void apply();

    /** Takes back a whole change and a half one. */
    void revert();
  }

  private final String name;
  private final Way way;
  private final StepContext context;
  private final Memory memory;

  /**
   * @param name of the target that describes the change
   */
  CheckedChange(String name, Way way, StepContext context) {
    this(name, way, context, inCheckpoint(context));
  }

  CheckedChange(String name, Way way, StepContext context, Memory memory) {
    this.name = name;
    this.way = way;
    this.context = context;
    this.memory = memory;
  }

  private static Memory inCheckpoint(StepContext context) {
    return new Memory() {
      @Override
      public boolean begun() {
        return context.saved(BEGUN, Boolean.class).isPresent();
      }

      @Override
      public void begin() {
        context.save(BEGUN, true);
      }
    };
  }

  /**
   * Makes the change, unless it is in place.
   *
   * @param changed whether this run made it
   * @param answer of the last check
   */
  record Made(boolean changed, Expectations.Answer answer) {}

  /**
   * Makes the change, unless it is in place. What this run left half is taken back and made anew;
   * what somebody else left half is not touched.
   *
   * @param within how long the change may take to be in place after its command has ended
   * @throws BusinessStop when it is in place, but not as expected
   * @throws TargetException when it is not in place
   */
  Made make(Expectations expect, Duration within) throws InterruptedException {
    boolean ours = memory.begun();
    Seen seen = way.check();
    if (seen.state() == State.HALF && !ours) {
      throw new TargetException(
          "the change '%s' is half in place, and not by this run. Nothing was done; finish it or take it back by hand, then retry"
              .formatted(name));
    }
    if (seen.state() == State.HALF) {
      context.cancellation().throwIfCancelled();
      way.revert();
      seen = way.check();
    }
    if (seen.state() == State.NOT_DONE) {
      memory.begin();
      ours = true;
      context.cancellation().throwIfCancelled();
      way.apply();
      seen = await(State.DONE, within);
    }
    if (seen.state() != State.DONE) {
      throw new TargetException(
          "the change '%s' is %s, although making it reported success. The next attempt checks again; look at what its check asks"
              .formatted(name, seen.state()));
    }
    List<String> unmet = expect.unmet(seen.answer());
    if (!unmet.isEmpty()) {
      throw new BusinessStop(
          "the change '%s' is in place, but not as expected: %s"
              .formatted(name, String.join("; ", unmet)));
    }
    return new Made(ours, seen.answer());
  }

  /**
   * Takes the change back, unless it is gone.
   *
   * @return whether anything had to be done
   * @throws TargetException when it is still there
   */
  boolean takeBack(Duration within) throws InterruptedException {
    if (way.check().state() == State.NOT_DONE) {
      return false;
    }
    context.cancellation().throwIfCancelled();
    way.revert();
    Seen seen = await(State.NOT_DONE, within);
    if (seen.state() != State.NOT_DONE) {
      throw new TargetException(
          "the change '%s' is still %s, although taking it back reported success. Take it back by hand, or retry"
              .formatted(name, seen.state()));
    }
    return true;
  }

  private Seen await(State wanted, Duration within) throws InterruptedException {
    long end = System.nanoTime() + within.toNanos();
    Seen seen = way.check();
    while (seen.state() != wanted && System.nanoTime() < end) {
      context.cancellation().throwIfCancelled();
      TimeUnit.NANOSECONDS.sleep(Math.min(PAUSE.toNanos(), Math.max(1, end - System.nanoTime())));
      seen = way.check();
    }
    return seen;
  }
}
