/**
 * The engine: its settings, the models and their lint, and what happens at the edges of runs and
 * phases. {@link io.belay.process.Runbooks}, {@link io.belay.process.RunControl} and {@link
 * io.belay.process.RunActivities} are what other packages see of it; none of them shows an engine's
 * type.
 */
@org.springframework.modulith.ApplicationModule(
    allowedDependencies = {"file", "journal", "step", "target"})
package io.belay.process;
