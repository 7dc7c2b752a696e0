/**
 * The strangler gateway: a reverse proxy that splits traffic by weight and by path between a
 * baseline and a candidate. It has a main class of its own ({@link io.belay.gateway.Gateway}) and
 * runs independently of Belay, of which it uses only the packages {@code file} and {@code split}:
 * no Spring, no engine.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"file", "split"})
package io.belay.gateway;
