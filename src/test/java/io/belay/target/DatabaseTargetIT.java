package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.playground.EmbeddedServers;
import io.belay.playground.Scratch;
import io.belay.target.TargetIdentity.Match;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** SQL on a real MariaDB (where one is installed), a real PostgreSQL, and H2. */
@Timeout(180)
class DatabaseTargetIT {

  private static final Connections CONNECTIONS = new Connections();

  private final DatabaseTargetType type = new DatabaseTargetType(CONNECTIONS);
  private final IdentityReader identities = new IdentityReader(AllTargetTypes.types());

  private static DatabaseTarget target(String url, String user, String password) {
    return target(url, user, password, Duration.ofSeconds(20));
  }

  private static DatabaseTarget target(String url, String user, String password, Duration query) {
    return new DatabaseTarget(url, user, Secret.of(password), Duration.ofSeconds(5), query);
  }

  private static String one(DatabaseTarget target, String query) throws SQLException {
    try (Connection connection = CONNECTIONS.sql(target);
        ResultSet row = connection.createStatement().executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  private TargetIdentity identity(Target target) {
    return identities.read(target).orElseThrow();
  }

  @Test
  void mariaDb_answers_isKnownAgain_andEndsSlowStatements() throws Exception {
    try (MariaDbServer server = MariaDbServer.start(Scratch.directory("mariadb"))) {
      String address = "//127.0.0.1:%d/".formatted(server.port);
      DatabaseTarget shop = target("jdbc:mariadb:" + address + "shop", "app", "pw-maria");
      assertThat(one(shop, "SELECT 40 + 2")).isEqualTo("42");
      assertThat(type.probe(shop).orElseThrow().found()).startsWith("MariaDB ");

      DatabaseTarget same =
          target(
              "jdbc:mysql://localhost:%d/shop?useCompression=false".formatted(server.port),
              "app",
              "pw-maria");
      assertThat(identity(shop).compare(identity(same))).isEqualTo(Match.SAME);
      assertThat(shop.identity()).isEqualTo(same.identity());
      DatabaseTarget other = target("jdbc:mariadb:" + address + "other", "app", "pw-maria");
      assertThat(identity(shop).compare(identity(other))).isEqualTo(Match.OTHER);

      DatabaseTarget hasty = target(shop.url(), "app", "pw-maria", Duration.ofSeconds(1));
      assertThatThrownBy(
              () ->
                  one(
                      hasty,
                      "SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("max_statement_time");

      DatabaseTarget wrong = target(shop.url(), "app", "pw-wrong");
      assertThatThrownBy(() -> CONNECTIONS.sql(wrong))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("Access denied")
          .hasMessageNotContaining("pw-wrong");
    }
  }

  @Test
  void postgresByJdbc_isTheSameSystem_asByItsOwnType() throws Exception {
    try (EmbeddedPostgres server = EmbeddedServers.postgres().start()) {
      DatabaseTarget byJdbc =
          target(
              "jdbc:postgresql://localhost:%d/postgres".formatted(server.getPort()),
              "postgres",
              "x");
      PostgresTarget own =
          new PostgresTarget(
              "localhost",
              server.getPort(),
              "postgres",
              "postgres",
              Secret.none(),
              12,
              null,
              Duration.ofSeconds(5),
              Duration.ofSeconds(5),
              RestoreWay.AUTO);
      assertThat(byJdbc.identity()).isEqualTo(own.identity());
      assertThat(one(byJdbc, "SHOW statement_timeout")).isEqualTo("20s");
      assertThat(identity(byJdbc).facts())
          .containsEntry("system identifier", identity(own).facts().get("system identifier"))
          .containsEntry("database oid", identity(own).facts().get("database oid"));
    }
  }

  @Test
  void anyOtherDriver_serves_comparedByItsAddress() throws Exception {
    DatabaseTarget memory = target("jdbc:h2:mem:shop;MODE=MySQL;DB_CLOSE_DELAY=-1", "sa", "");
    assertThat(one(memory, "SELECT 1")).isEqualTo("1");
    assertThat(identity(memory).compare(identity(memory))).isEqualTo(Match.SAME);
    DatabaseTarget other = target("jdbc:h2:mem:other;MODE=MySQL", "sa", "");
    assertThat(identity(memory).compare(identity(other))).isEqualTo(Match.OTHER);
  }

  @Test
  void addressWithALogin_orWithoutADriver_isRefused() {
    assertThat(TestTypes.problems(type, target("jdbc:mariadb://app:pw@db/shop", "", "")))
        .anyMatch(problem -> problem.startsWith("targets.d.url: must not have a login"));
    assertThat(TestTypes.problems(type, target("jdbc:mysql://db/shop?password=pw", "", "")))
        .anyMatch(problem -> problem.contains("must not have a login"));
    assertThat(TestTypes.problems(type, target("jdbc:nobody://db/shop", "", "")))
        .singleElement()
        .asString()
        .contains("whose driver is here");
    assertThat(TestTypes.problems(type, target("mariadb://db/shop", "", ""))).isNotEmpty();
    assertThat(TestTypes.problems(type, target("jdbc:mysql://db/shop", "", ""))).isEmpty();
  }
}
