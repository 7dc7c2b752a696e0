/**
 * Compares a candidate with a baseline on raw counts, so that it may be looked at at any moment and
 * still calls a good candidate worse in at most one run of a hundred. Knows nothing of services and
 * routers: {@link io.belay.capability.check.comparison.Comparison} is the way in.
 */
package io.belay.capability.check.comparison;
