package io.belay.capability.check.comparison;

/** What both sides answered in the same stretch of time. */
public record Look(Counts candidate, Counts baseline) {

  Look plus(Look other) {
    return new Look(candidate.plus(other.candidate), baseline.plus(other.baseline));
  }
}
