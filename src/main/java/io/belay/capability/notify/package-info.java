/**
 * Tells people what a run does. The entry point is {@link io.belay.capability.notify.NotifyPeople}.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"step", "target"})
package io.belay.capability.notify;
