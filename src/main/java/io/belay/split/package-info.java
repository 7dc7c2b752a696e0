/**
 * Who gets the new version: users to buckets. Plain Java that needs no other class, so that an
 * application can take this package as it is and decide as Belay and its gateway do. Begin with
 * {@link io.belay.split.Rollout}.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {})
package io.belay.split;
