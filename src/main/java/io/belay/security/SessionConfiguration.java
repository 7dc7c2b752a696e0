package io.belay.security;

import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.session.config.SessionRepositoryCustomizer;
import org.springframework.session.jdbc.JdbcIndexedSessionRepository;

/**
 * Logins are kept in the engine's database: every node knows them, and they outlive each node. See
 * docs/decisions/several-nodes.md.
 */
@Configuration(proxyBeanMethods = false)
class SessionConfiguration {

  private static final String COLUMNS =
      "%TABLE_NAME%_ATTRIBUTES (SESSION_PRIMARY_ID, ATTRIBUTE_NAME, ATTRIBUTE_BYTES) ";

  /** The statements, by the prefix of the database's address. */
  private static final Map<String, String> UPSERTS =
      Map.of(
          "jdbc:postgresql:",
          "INSERT INTO "
              + COLUMNS
              + "VALUES (?, ?, ?) ON CONFLICT (SESSION_PRIMARY_ID, ATTRIBUTE_NAME)"
              + " DO UPDATE SET ATTRIBUTE_BYTES = EXCLUDED.ATTRIBUTE_BYTES",
          "jdbc:h2:",
          "MERGE INTO " + COLUMNS + "KEY (SESSION_PRIMARY_ID, ATTRIBUTE_NAME) VALUES (?, ?, ?)");

  /** A page asks for several things at once, and two of them may add the same attribute. */
  @Bean
  SessionRepositoryCustomizer<JdbcIndexedSessionRepository> concurrentRequests(
      @Value("${spring.datasource.url}") String database) {
    return sessions ->
        UPSERTS.entrySet().stream()
            .filter(upsert -> database.startsWith(upsert.getKey()))
            .forEach(upsert -> sessions.setCreateSessionAttributeQuery(upsert.getValue()));
  }
}
