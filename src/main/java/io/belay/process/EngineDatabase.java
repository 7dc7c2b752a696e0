package io.belay.process;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.stereotype.Component;

/**
 * What the sessions with the engine's database need.
 *
 * <p>Bounds every wait for it when that is PostgreSQL. Without, a network that swallows everything
 * holds each thread that asks the database for ever, and Belay with it, even after the network is
 * back. What the address says itself ({@code ?socketTimeout=300}) stays.
 *
 * <p>And bounds how long the other nodes wait for one that was frozen in the middle of a
 * transaction: the rows that it had locked, the journal's head among them, would stay locked until
 * it goes on. The server ends its session instead, and with it the transaction.
 *
 * <p>Their time zone is UTC: the engine's times have none of their own.
 *
 * <p>H2 answers a statement that it has kept from what the session found the last time, if nothing
 * was changed since; but it counts a commit only when it is in its file, which is later than others
 * see it. A page could show a task, and the next one of the same user none. So it keeps none.
 */
@Component
class EngineDatabase implements BeanPostProcessor {

  /** In seconds, of PostgreSQL's driver. No statement of the engine or of Belay takes longer. */
  private static final Map<String, String> LIMITS =
      Map.of(
          "connectTimeout", "10",
          "loginTimeout", "10",
          "socketTimeout", "60",
          "cancelSignalTimeout", "10",
          "tcpKeepAlive", "true");

  private static final String STATEMENTS_KEPT = ";QUERY_CACHE_SIZE=";

  private final String sessionSettings;

  /**
   * @param longestIdle how long a transaction may wait for its node; longer than a step may take
   *     inside a transaction ({@code belay.step.short-limit})
   */
  EngineDatabase(@Value("${belay.engine.idle-in-transaction:60s}") Duration longestIdle) {
    this.sessionSettings =
        "SET idle_in_transaction_session_timeout = %d; SET TIME ZONE 'UTC'"
            .formatted(longestIdle.toMillis());
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    if (bean instanceof HikariDataSource pool && pool.getJdbcUrl() != null) {
      if (pool.getJdbcUrl().startsWith("jdbc:postgresql:")) {
        bound(pool);
        begin(pool, sessionSettings);
      } else if (pool.getJdbcUrl().startsWith("jdbc:h2:")) {
        keepNoStatements(pool);
        begin(pool, "SET TIME ZONE 'UTC'");
      }
    }
    return bean;
  }

  private static void bound(HikariDataSource pool) {
    LIMITS.forEach(
        (property, limit) -> {
          if (!pool.getJdbcUrl().contains(property + "=")) {
            pool.getDataSourceProperties().putIfAbsent(property, limit);
          }
        });
  }

  private static void keepNoStatements(HikariDataSource pool) {
    String url = pool.getJdbcUrl();
    if (!url.toUpperCase(Locale.ROOT).contains(STATEMENTS_KEPT)) {
      pool.setJdbcUrl(url + STATEMENTS_KEPT + "0");
    }
  }

  private static void begin(HikariDataSource pool, String sql) {
    if (pool.getConnectionInitSql() == null) {
      pool.setConnectionInitSql(sql);
    }
  }
}
