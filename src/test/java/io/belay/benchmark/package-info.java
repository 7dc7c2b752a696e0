/**
 * Benchmarks: each a program of its own that runs both sides in turn in one go and prints ratios.
 * {@code docs/benchmarks.md} has the command and the figures of each.
 */
package io.belay.benchmark;
