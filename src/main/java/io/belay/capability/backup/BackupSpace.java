package io.belay.capability.backup;

import io.belay.target.PostgresTarget;
import io.belay.target.RedisTarget;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * The room that backups need at most: each database with its indexes, plus the memory that each
 * Redis server uses, and a fifth more for what is written before the backup starts. Compressed
 * backups are smaller, but how much smaller is known only afterwards.
 */
@Component
class BackupSpace {

  private final PostgresTools tools;
  private final RedisMemory memory;

  BackupSpace(PostgresTools tools, RedisMemory memory) {
    this.tools = tools;
    this.memory = memory;
  }

  /** The room needed, in bytes. */
  long needed(List<PostgresTarget> databases, List<RedisTarget> caches) {
    long data =
        databases.stream().mapToLong(this::databaseSize).sum()
            + caches.stream().mapToLong(memory::used).sum();
    return data + data / 5;
  }

  /** The size of the whole database with its indexes, in bytes. */
  long databaseSize(PostgresTarget database) {
    try (Connection connection = tools.connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select pg_database_size(current_database())")) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new TargetException(
          "the size of %s cannot be read: %s".formatted(database.describe(), e.getMessage()), e);
    }
  }

  /** For people: {@code 1.2 GB}. */
  static String readable(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    int exponent = (int) (Math.log10(bytes) / 3);
    return "%.1f %sB".formatted(bytes / Math.pow(1000, exponent), "kMGTPE".charAt(exponent - 1));
  }
}
