/**
 * Checks and measurements: they observe, say a {@link io.belay.step.Verdict} or give the numbers
 * for one, and change nothing. Fail closed: what could not be measured never passes.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"command", "step", "target"})
package io.belay.capability.check;
