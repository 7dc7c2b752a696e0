package io.belay.capability.check.comparison;

import io.belay.target.MayBeAbsent;

/**
 * What a comparison says.
 *
 * @param reason one sentence with its numbers
 * @param evidence e-value that the candidate is worse
 * @param alarm the evidence from which on it fails
 * @param missingRequests of users on the candidate until it is decided; 0 when no more are needed,
 *     -1 when that cannot be said
 * @param missingSeconds until then, at the present rate; 0 or -1 likewise
 * @param missingLatencies of the candidate that must be measured until then, by users' requests or
 *     by probes; 0 or -1 likewise
 */
public record Judgement(
    Outcome outcome,
    String reason,
    double evidence,
    double alarm,
    long missingRequests,
    long missingSeconds,
    @MayBeAbsent("an earlier version did not tell them apart") Long missingLatencies) {

  /** What a gate's table asks for. */
  public enum Outcome {
    /** There is no baseline, or only one side had users. */
    NOT_COMPARED,
    NO_WORSE,
    WORSE,
    UNDECIDED
  }
}
