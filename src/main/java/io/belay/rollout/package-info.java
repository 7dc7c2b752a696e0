/**
 * Rollout: traffic between the old and the new version, and the processes behind it. {@link
 * io.belay.rollout.Router} is the way to a router; the steps are the classes that extend {@link
 * io.belay.step.StepDelegate}.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"step", "target"})
package io.belay.rollout;
