/**
 * The terminal client: {@link io.belay.terminal.Terminal} starts runs and follows them over the
 * REST interface. A program of its own; uses nothing else of Belay.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {})
package io.belay.terminal;
