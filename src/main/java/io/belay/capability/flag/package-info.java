/**
 * Feature flags that decide who gets the new version: {@link io.belay.capability.flag.SetFlag}
 * moves users, {@link io.belay.capability.flag.RestoreFlag} takes that back, {@link
 * io.belay.capability.flag.ReadFlag} tells where they are. A {@code values} target stores the flag;
 * who is in is decided by {@link io.belay.split.Rollout}.
 */
@ApplicationModule(allowedDependencies = {"command", "split", "step", "target"})
package io.belay.capability.flag;

import org.springframework.modulith.ApplicationModule;
