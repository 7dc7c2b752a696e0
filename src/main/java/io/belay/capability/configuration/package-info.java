/**
 * Configuration: the files of the old and the new version (review them, carry renamed keys over,
 * back them up, give them back byte for byte), and single values wherever they are kept.
 */
@ApplicationModule(allowedDependencies = {"artifact", "command", "file", "step", "target"})
package io.belay.capability.configuration;

import org.springframework.modulith.ApplicationModule;
