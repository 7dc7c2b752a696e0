/**
 * Numbers by name, for any decision table, and waiting until one is as wanted: from SQL, JSON,
 * Prometheus, a command or a log. Changes nothing. What could not be measured is absent, never 0.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"command", "step", "target"})
package io.belay.capability.measure;
