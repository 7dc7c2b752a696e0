package io.belay.playground;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The placeholders of {@code environments/playground.yml}, with the world's values. */
final class WorldProperties {

  private WorldProperties() {}

  static Map<String, String> of(
      Path directory,
      PlaygroundPostgres postgres,
      PlaygroundRedis redis,
      PlaygroundMongo mongo,
      PlaygroundGateway gateway,
      Notifications notifications,
      ConfigurationFiles configuration,
      MigrationFiles migration,
      WorldParts extras)
      throws IOException {
    Map<String, String> properties = new TreeMap<>(extras.properties());
    properties.put("playground.directory", directory.toString());
    properties.put("playground.postgres.port", String.valueOf(postgres.port()));
    properties.put("playground.postgres.password", postgres.password());
    properties.put("playground.redis.port", String.valueOf(redis.port()));
    properties.put("playground.redis.password", redis.password());
    properties.put("playground.mongo.port", String.valueOf(mongo.port()));
    for (String slot : Slots.ALL) {
      properties.put("playground." + slot + ".url", Slots.url(directory, slot));
    }
    properties.put("playground.gateway.url", gateway.url().toString());
    properties.put("playground.gateway.admin", gateway.admin().toString());
    properties.put("playground.gateway.token", gateway.token());
    properties.put("playground.notifications.url", notifications.url().toString());
    properties.put("playground.webhook.token", configuration.webhookToken());
    properties.put("playground.changelog", migration.changelog().toString());
    return properties;
  }
}
