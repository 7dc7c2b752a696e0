/**
 * Child processes: {@link io.belay.command.Commands} starts one from a list of arguments, bounds
 * its time and its output, and ends it together with all that it started.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"target"})
package io.belay.command;
