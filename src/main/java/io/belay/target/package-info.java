/**
 * The systems that runbooks work on, and what is needed to reach them.
 *
 * <p>Begin with {@link io.belay.target.Environments}, which reads {@code environments/<name>.yml}
 * into an {@link io.belay.target.Environment}: a set of {@link io.belay.target.Target}s, each a
 * record of one type. Steps reach their targets through: {@link io.belay.target.Connections} to
 * PostgreSQL and Redis, {@link io.belay.command.Commands} for child processes, {@link
 * io.belay.artifact.ArtifactStore} for the files that a run produces.
 *
 * <p>A {@link io.belay.target.Secret} is revealed to drivers and child processes only; {@link
 * io.belay.target.Masking} is the safety net for text that others wrote. {@link
 * io.belay.target.Leases} let one run at a time hold a target.
 *
 * <p>Nothing here knows runs, steps or the engine.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = "file")
package io.belay.target;
