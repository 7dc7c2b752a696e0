/**
 * The terminal client: {@link io.belay.face.terminal.Terminal} starts runs and follows them over
 * the REST interface. A separate program, which uses nothing else of Belay.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {})
package io.belay.face.terminal;
