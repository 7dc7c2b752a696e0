package io.belay.process;

import com.zaxxer.hikari.HikariDataSource;
import java.util.Map;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.stereotype.Component;

/**
 * Bounds every wait for the engine's database when that is PostgreSQL. Without, a network that
 * swallows everything holds each thread that asks the database for ever, and Belay with it, even
 * after the network is back. What the address says itself ({@code ?socketTimeout=300}) stays.
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

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    if (bean instanceof HikariDataSource pool
        && pool.getJdbcUrl() != null
        && pool.getJdbcUrl().startsWith("jdbc:postgresql:")) {
      LIMITS.forEach(
          (property, limit) -> {
            if (!pool.getJdbcUrl().contains(property + "=")) {
              pool.getDataSourceProperties().putIfAbsent(property, limit);
            }
          });
    }
    return bean;
  }
}
