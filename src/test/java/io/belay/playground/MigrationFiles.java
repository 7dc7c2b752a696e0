package io.belay.playground;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The changelog that the environment names, in its good form and in two bad ones. */
final class MigrationFiles {

  private static final String MARK = "--changeset ";

  private final Path changelog;

  MigrationFiles(Path worldDirectory) throws IOException {
    changelog =
        Files.createDirectories(worldDirectory.resolve("migration")).resolve("v2-changelog.sql");
    writeGood();
  }

  Path changelog() {
    return changelog;
  }

  void writeGood() throws IOException {
    Files.writeString(changelog, Resources.text("v2-changelog.sql"));
  }

  /** The good changes, and one that loses content and cannot give it back. */
  void writeCorrupting() throws IOException {
    Files.writeString(
        changelog,
        Resources.text("v2-changelog.sql")
            + """

            --changeset main-server:v2-7-round-credit
            --comment: Meant to round; empties every third account and swaps names
            UPDATE users SET credit = 0 WHERE id % 3 = 0;
            UPDATE users SET name = upper(name) WHERE id % 5 = 0;
            --rollback SELECT 1;
            """);
  }

  /** The second change fails, after the first has been committed. */
  void writeFailing() throws IOException {
    String good = Resources.text("v2-changelog.sql");
    int second = good.indexOf(MARK, good.indexOf(MARK) + 1);
    Files.writeString(
        changelog,
        good.substring(0, second)
            + """
            --changeset main-server:v2-1b-backfill
            --comment: Refers to a column that v1 never had
            INSERT INTO messages (conversation_id, message_id, content)
            SELECT id, chat_id, last_message FROM conversations;
            --rollback SELECT 1;

            """
            + good.substring(second));
  }
}
