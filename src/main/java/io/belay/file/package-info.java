/**
 * How Belay creates files and directories: {@link io.belay.file.PrivateFiles}. Independent of the
 * rest of Belay, so that the gateway can use it too.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {})
package io.belay.file;
