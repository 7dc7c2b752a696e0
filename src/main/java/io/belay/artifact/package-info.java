/**
 * The files that a run produces: backups, snapshots, reports. Begin with {@link
 * io.belay.artifact.ArtifactStore}; {@link io.belay.artifact.CheckedInput} is how a step reads one
 * back.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"file", "target"})
package io.belay.artifact;
