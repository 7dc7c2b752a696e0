/**
 * Rollout: traffic between the old and the new version, and the processes behind it. {@link
 * io.belay.capability.rollout.Router} is the interface to a router; the steps are the classes that
 * extend {@link io.belay.step.StepDelegate}.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"command", "step", "target"})
package io.belay.capability.rollout;
