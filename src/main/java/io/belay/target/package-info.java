/**
 * The systems that runbooks work on, and what is needed to reach them.
 *
 * <p>Begin with {@link io.belay.target.Environments}, which reads {@code environments/<name>.yml}
 * into an {@link io.belay.target.Environment}: a set of {@link io.belay.target.Target}s, each a
 * record of one type. What a step needs to work on a target lies beside it: {@link
 * io.belay.target.Connections} to PostgreSQL and Redis, {@link io.belay.target.Commands} for child
 * processes, {@link io.belay.target.ArtifactStore} for the files that a run produces.
 *
 * <p>A {@link io.belay.target.Secret} shows itself to drivers and child processes only; {@link
 * io.belay.target.Masking} is the net below it for text that others wrote. {@link
 * io.belay.target.Leases} see to it that one run at a time holds a target.
 *
 * <p>Nothing here knows runs, steps or the engine.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = "file")
package io.belay.target;
