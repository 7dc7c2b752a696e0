/**
 * The world that runs and tests happen in, made of real parts: PostgreSQL, Redis, two versions of a
 * small application as processes, a gateway, a steady load, and faults that can be switched on.
 *
 * <p>The way in is {@link io.belay.playground.World}. Nothing here uses Belay's own production code
 * to judge what it did: {@link io.belay.playground.WorldFingerprint} looks for itself.
 */
package io.belay.playground;
