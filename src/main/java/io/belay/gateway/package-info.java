/**
 * The strangler gateway: a reverse proxy that splits traffic by weight and by path between a
 * baseline and a candidate. It has a main class of its own ({@link io.belay.gateway.Gateway}) and
 * outlives Belay; it uses nothing else of Belay, no Spring and no engine.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = "file")
package io.belay.gateway;
