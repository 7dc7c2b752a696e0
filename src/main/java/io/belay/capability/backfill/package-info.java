/**
 * Fills columns of a large table while it is in use: in small transactions, with the previous
 * values kept beside it in the same database, so that it goes on after a kill and can be taken
 * back.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"step", "target"})
package io.belay.capability.backfill;
