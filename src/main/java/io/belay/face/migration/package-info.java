/**
 * The interface {@code /api/migration/*} for moving a document store from 21 files to two: {@link
 * io.belay.face.migration.MigrationApi} manages it, {@link io.belay.face.migration.QueryApi}
 * answers queries meanwhile. The runs behind it are those of the runbooks {@code
 * two-database-rolling}, {@code document-snapshot} and {@code document-restore}.
 */
@org.springframework.modulith.ApplicationModule(
    allowedDependencies = {
      "artifact",
      "capability.document",
      "capability.document :: query",
      "engine",
      "engine :: control",
      "engine :: law",
      "face.web",
      "journal",
      "model",
      "run",
      "security",
      "step",
      "target"
    })
package io.belay.face.migration;
