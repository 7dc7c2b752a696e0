/**
 * Changes that need no Java: each is described in the environment and the model, says before it
 * acts what was there, and is taken back from the journal.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"command", "step", "target"})
package io.belay.capability.change;
