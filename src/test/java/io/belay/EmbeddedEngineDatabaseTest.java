package io.belay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The embedded engine database keeps what was committed when Belay is killed: otherwise an effect
 * could outlive the intent that the journal had of it.
 */
class EmbeddedEngineDatabaseTest {

  private static final int COMMITS = 100;

  /** Commits, and is gone without a word at the instant after the last one. */
  public static final class Killed {

    public static void main(String[] args) throws Exception {
      try (Connection connection = DriverManager.getConnection(args[0], "belay", "");
          var statement = connection.createStatement()) {
        statement.execute("CREATE TABLE entry (id int)");
        for (int id = 0; id < COMMITS; id++) {
          statement.execute("INSERT INTO entry VALUES (" + id + ")");
        }
        Runtime.getRuntime().halt(137);
      }
    }
  }

  @Test
  void committedWork_survivesAKill(@TempDir Path directory) throws Exception {
    String url = defaultUrl().replace("./data/engine", directory.resolve("engine").toString());
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Killed.class.getName(),
                url)
            .inheritIO()
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(137);

    try (Connection connection = DriverManager.getConnection(url, "belay", "");
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT count(*) FROM entry")) {
      rows.next();
      assertThat(rows.getInt(1)).isEqualTo(COMMITS);
    }
  }

  private static String defaultUrl() throws Exception {
    String settings = Files.readString(Path.of("src/main/resources/application.yaml"));
    Matcher url = Pattern.compile("BELAY_DATABASE_URL:(jdbc:h2:[^}]+)}").matcher(settings);
    assertThat(url.find()).isTrue();
    return url.group(1);
  }
}
