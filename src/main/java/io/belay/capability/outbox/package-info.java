/**
 * Transactional outboxes: {@link io.belay.capability.outbox.DrainOutbox} publishes the events that
 * an application has written into a table, at least once and in order per aggregate.
 */
@ApplicationModule(allowedDependencies = {"command", "step", "target"})
package io.belay.capability.outbox;

import org.springframework.modulith.ApplicationModule;
