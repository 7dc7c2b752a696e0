/** Tells people what a run does. {@link io.belay.notify.NotifyPeople} is the way in. */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"step", "target"})
package io.belay.notify;
