/** Users, their roles, and who may reach what: {@link io.belay.security.SecurityConfiguration}. */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"journal", "step", "target"})
package io.belay.security;
