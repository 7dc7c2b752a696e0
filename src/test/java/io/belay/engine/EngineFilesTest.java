package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

class EngineFilesTest {

  @TempDir Path directory;

  private final MockEnvironment settings = new MockEnvironment();

  private HikariDataSource pool(String url) {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(url);
    pool.setUsername("belay");
    pool.setPassword("");
    return (HikariDataSource)
        new EngineFiles(settings).postProcessAfterInitialization(pool, "dataSource");
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static void chmod(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private static void work(String url) throws Exception {
    try (Connection connection = DriverManager.getConnection(url, "belay", "");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE IF NOT EXISTS t (id int)");
      statement.execute("INSERT INTO t VALUES (1)");
      statement.execute("SET TRACE_LEVEL_FILE 3");
      statement.execute("SELECT * FROM t");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:", "nio:", ""})
  void newDatabase_itsDirectoryAndItsTraceFile_areTheOwnersOnly(String scheme) throws Exception {
    Path data = directory.resolve("new/data");
    try (HikariDataSource pool =
            pool("jdbc:h2:" + scheme + data.resolve("engine") + ";LOCK_TIMEOUT=9");
        Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SET TRACE_LEVEL_FILE 3");
      statement.execute("CREATE TABLE t (id int)");
    }
    assertThat(mode(data.getParent())).isEqualTo("rwx------");
    assertThat(mode(data)).isEqualTo("rwx------");
    assertThat(mode(data.resolve("engine.mv.db"))).isEqualTo("rw-------");
    assertThat(mode(data.resolve("engine.trace.db"))).isEqualTo("rw-------");
  }

  @Test
  void databaseOfAnEarlierVersion_isTightenedBeforeItIsOpened_andItsDirectoryWithIt()
      throws Exception {
    Path data = Files.createDirectory(directory.resolve("data"));
    Path artifacts = Files.createDirectory(data.resolve("artifacts"));
    settings.setProperty("belay.artifacts.directory", artifacts.toString());
    String url = "jdbc:h2:file:" + data.resolve("engine");
    work(url);
    chmod(data.resolve("engine.mv.db"), "rw-rw-rw-");
    chmod(data.resolve("engine.trace.db"), "rw-r--r--");
    chmod(artifacts, "rwxr-xr-x");
    chmod(data, "rwxr-xr-x");

    try (HikariDataSource pool = pool(url)) {
      assertThat(mode(data)).isEqualTo("rwx------");
      assertThat(mode(artifacts)).isEqualTo("rwx------");
      assertThat(mode(data.resolve("engine.mv.db"))).isEqualTo("rw-------");
      assertThat(mode(data.resolve("engine.trace.db"))).isEqualTo("rw-------");
      try (Connection connection = pool.getConnection();
          Statement statement = connection.createStatement();
          var rows = statement.executeQuery("SELECT count(*) FROM t")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).as("the same database").isOne();
      }
    }
  }

  @Test
  void directoryWithOthersFiles_staysAsItIs_butTheDatabaseDoesNot() throws Exception {
    Path home = Files.createDirectory(directory.resolve("home"));
    Path other = Files.writeString(home.resolve("website.html"), "");
    chmod(other, "rw-r--r--");
    chmod(home, "rwxr-xr-x");
    String url = "jdbc:h2:file:" + home.resolve("engine");
    work(url);

    pool(url).close();

    assertThat(mode(home)).isEqualTo("rwxr-xr-x");
    assertThat(mode(other)).isEqualTo("rw-r--r--");
    assertThat(mode(home.resolve("engine.mv.db"))).isEqualTo("rw-------");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdbc:h2:mem:x", "jdbc:h2:tcp://host/~/x", "jdbc:postgresql://db/belay"})
  void databaseElsewhere_keepsItsAddress(String url) {
    assertThat(pool(url).getJdbcUrl()).isEqualTo(url);
  }
}
