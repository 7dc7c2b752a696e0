/**
 * Backups that were verified, and the way back from them: PostgreSQL by pg_dump in one exported
 * snapshot, Redis by its own replication protocol. Delegates are the way in: {@link
 * io.belay.backup.CheckBackupSpace}, {@link io.belay.backup.TakePostgresBackup}, {@link
 * io.belay.backup.TakeRedisBackup}, {@link io.belay.backup.VerifyBackup}, {@link
 * io.belay.backup.RestorePostgresBackup}, {@link io.belay.backup.RestoreRedisBackup}.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"file", "step", "target"})
package io.belay.backup;
