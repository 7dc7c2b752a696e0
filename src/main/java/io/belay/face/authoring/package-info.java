/**
 * For authors of models, without a running Belay: {@link io.belay.face.authoring.Authoring} lints a
 * directory, and writes the first version of a runbook, a phase or a step.
 */
@org.springframework.modulith.ApplicationModule(
    allowedDependencies = {"file", "model", "model :: lint", "step", "target"})
package io.belay.face.authoring;
