/**
 * The schema of a PostgreSQL target: fingerprint it, migrate it, check it, revert the migration.
 *
 * <p>Start with {@link io.belay.capability.schema.FingerprintReader} for a database's state and
 * {@link io.belay.capability.schema.SchemaMigration} for changing it; each delegate is one step.
 */
@ApplicationModule(allowedDependencies = {"artifact", "command", "step", "target"})
package io.belay.capability.schema;

import org.springframework.modulith.ApplicationModule;
