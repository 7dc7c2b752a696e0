package io.belay.capability.check;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCredential;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import io.belay.target.TargetType;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.bson.Document;
import org.springframework.stereotype.Component;

/** {@code type: mongodb}. Asked by {@code hello} and {@code buildInfo}. */
@Component
final class MongoTargetType implements TargetType<MongoTarget> {

  @Override
  public String name() {
    return "mongodb";
  }

  @Override
  public Class<MongoTarget> settings() {
    return MongoTarget.class;
  }

  @Override
  public Optional<Version> probe(MongoTarget target) {
    try (MongoClient client = MongoClients.create(client(target))) {
      MongoDatabase admin = client.getDatabase("admin");
      admin.runCommand(new Document("hello", 1));
      String version = admin.runCommand(new Document("buildInfo", 1)).getString("version");
      return Optional.of(new Version(version == null ? "" : version, target.minimumVersion()));
    }
  }

  private static MongoClientSettings client(MongoTarget target) {
    int timeout = (int) target.timeout().toMillis();
    MongoClientSettings.Builder settings =
        MongoClientSettings.builder()
            .applyConnectionString(
                new ConnectionString(
                    "mongodb://%s:%d/?directConnection=true"
                        .formatted(target.host(), target.port())))
            .applicationName("belay")
            .applyToClusterSettings(
                cluster -> cluster.serverSelectionTimeout(timeout, TimeUnit.MILLISECONDS))
            .applyToSocketSettings(
                socket ->
                    socket
                        .connectTimeout(timeout, TimeUnit.MILLISECONDS)
                        .readTimeout(timeout, TimeUnit.MILLISECONDS));
    if (!target.username().isEmpty()) {
      settings.credential(
          MongoCredential.createCredential(
              target.username(), "admin", target.password().reveal().toCharArray()));
    }
    return settings.build();
  }
}
