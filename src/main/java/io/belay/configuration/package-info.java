/**
 * The configuration files of the old and the new version: review them, carry renamed keys over,
 * back them up, and give them back byte for byte.
 */
@ApplicationModule(allowedDependencies = {"file", "step", "target"})
package io.belay.configuration;

import org.springframework.modulith.ApplicationModule;
