package io.belay.backup;

import io.belay.target.PostgresTarget;
import io.belay.target.RedisTarget;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.springframework.stereotype.Component;

/**
 * Says how much room backups need at most: the whole database with its indexes plus the memory that
 * Redis uses, and a fifth more for what is written until the backup begins. Compressed backups are
 * smaller; how much is known only afterwards.
 */
@Component
class BackupSpace {

  private final PostgresTools tools;
  private final RedisMemory memory;

  BackupSpace(PostgresTools tools, RedisMemory memory) {
    this.tools = tools;
    this.memory = memory;
  }

  /** In bytes. */
  long needed(PostgresTarget database, RedisTarget cache) {
    long data = databaseSize(database) + memory.used(cache);
    return data + data / 5;
  }

  /** Of the whole database with its indexes, in bytes. */
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
