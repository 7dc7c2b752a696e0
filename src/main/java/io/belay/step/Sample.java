package io.belay.step;

import java.time.Instant;

/**
 * One measured value of a gate, kept for its plot and for the report.
 *
 * @param metric for example {@code p95Ms}; the name that the gate's decision table uses
 * @param subject what was measured: {@code candidate} or {@code baseline}
 */
public record Sample(Instant at, String metric, String subject, double value) {}
