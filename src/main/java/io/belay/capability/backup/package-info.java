/**
 * Takes, verifies and restores backups: of PostgreSQL by pg_dump in one exported snapshot, of Redis
 * by its own replication protocol. The entry points are delegates: {@link
 * io.belay.capability.backup.CheckBackupSpace}, {@link
 * io.belay.capability.backup.TakePostgresBackup}, {@link
 * io.belay.capability.backup.TakeRedisBackup}, {@link io.belay.capability.backup.VerifyBackup},
 * {@link io.belay.capability.backup.RestorePostgresBackup}, {@link
 * io.belay.capability.backup.RestoreRedisBackup}.
 */
@org.springframework.modulith.ApplicationModule(
    allowedDependencies = {"artifact", "command", "file", "step", "target"})
package io.belay.capability.backup;
