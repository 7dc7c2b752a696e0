/**
 * The face {@code /api/migration/*} of the move of a document store from 21 files to two: {@link
 * io.belay.migration.MigrationApi} manages it, {@link io.belay.migration.QueryApi} answers queries
 * meanwhile. The runs behind it are those of the runbooks {@code two-database-rolling}, {@code
 * document-snapshot} and {@code document-restore}.
 */
@org.springframework.modulith.ApplicationModule(
    allowedDependencies = {
      "document",
      "document :: query",
      "journal",
      "process",
      "run",
      "security",
      "step",
      "target",
      "web"
    })
package io.belay.migration;
