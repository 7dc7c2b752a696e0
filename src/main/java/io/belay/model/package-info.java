/**
 * Models as Belay reads them: the parameters and forms that they declare, the outline of a runbook,
 * and their deployment. {@link io.belay.model.Runbooks} is the way in. Models are checked by {@code
 * model.lint} before they are deployed.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"step", "target"})
package io.belay.model;
