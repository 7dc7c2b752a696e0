package io.belay.capability.check.comparison;

/** A comparison with what was said of it; it can be judged again from the record alone. */
public record Judged(Comparison comparison, Judgement judgement) {

  private static final double TOLERATED = 1e-6;

  public static Judged of(Comparison comparison) {
    return new Judged(comparison, comparison.judge());
  }

  /**
   * Whether judging again gives the same outcome and evidence; another version may word it
   * otherwise.
   */
  boolean holds() {
    Judgement again = comparison.judge();
    return again.outcome() == judgement.outcome()
        && Math.abs(again.evidence() - judgement.evidence()) <= TOLERATED * again.evidence();
  }
}
