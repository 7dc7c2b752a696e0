/**
 * The schema of a PostgreSQL target: fingerprint it, migrate it, check it, take the migration back.
 *
 * <p>The way in is {@link io.belay.schema.FingerprintReader} for what a database looks like and
 * {@link io.belay.schema.SchemaMigration} for changing it; the delegates are one verb each.
 */
@ApplicationModule(allowedDependencies = {"step", "target"})
package io.belay.schema;

import org.springframework.modulith.ApplicationModule;
