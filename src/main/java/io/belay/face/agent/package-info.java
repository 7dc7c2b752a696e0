/**
 * Belay as an agent: a process near the targets that only executes steps. It has no engine and no
 * database; {@link io.belay.face.agent.BelayClient} talks to the Belay that has them.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"journal", "step", "target"})
package io.belay.face.agent;
