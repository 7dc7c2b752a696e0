package io.belay.check;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoCredential;
import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.MongoTarget;
import io.belay.target.PostgresTarget;
import io.belay.target.RedisTarget;
import io.belay.target.ServiceTarget;
import io.belay.target.Target;
import io.belay.target.TargetException;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bson.Document;
import org.springframework.stereotype.Component;

/**
 * Asks each system that a runbook depends on, by its own protocol, whether it is there, lets us in,
 * answers, and is of a supported version. PostgreSQL: login, {@code SELECT 1}, {@code
 * server_version}. Redis: {@code PING}, {@code INFO server}. MongoDB: {@code hello}, {@code
 * buildInfo}. A service: its {@code ready} path. Each wait is bounded by the target's time-out.
 */
@Component
final class DependencyCheck {

  private static final Pattern REDIS_VERSION = Pattern.compile("redis_version:(\\S+)");

  private final Connections connections;
  private final HttpProbe http;

  DependencyCheck(Connections connections, HttpProbe http) {
    this.connections = connections;
    this.http = http;
  }

  /**
   * @param there the targets that are as they should be, with their versions
   */
  record Outcome(Findings findings, List<String> there) {}

  /** Looks at all targets, whatever is wrong with one of them. */
  Outcome check(List<String> names, Environment environment) {
    Outcome outcome = new Outcome(new Findings(), new ArrayList<>());
    Findings findings = outcome.findings();
    for (String name : names) {
      try {
        check(name, environment.target(name, Target.class), outcome);
      } catch (TargetException e) {
        findings.add("'%s': %s", name, e.getMessage());
      } catch (SQLException | RedisException | MongoException e) {
        findings.add("'%s' does not answer: %s", name, e.getMessage());
      }
    }
    return outcome;
  }

  private void check(String name, Target target, Outcome outcome) throws SQLException {
    if (target instanceof PostgresTarget postgres) {
      requireVersion(name, target, postgresVersion(postgres), postgres.minimumVersion(), outcome);
    } else if (target instanceof RedisTarget redis) {
      requireVersion(name, target, redisVersion(redis), redis.minimumVersion(), outcome);
    } else if (target instanceof MongoTarget mongo) {
      requireVersion(name, target, mongoVersion(mongo), mongo.minimumVersion(), outcome);
    } else if (target instanceof ServiceTarget service) {
      HttpProbe.Answer answer = http.get(service.url(), service.ready(), service.timeout());
      if (answer.ok()) {
        outcome.there().add(name);
      } else {
        outcome.findings().add("'%s' is not ready: %s", name, answer.describe());
      }
    } else {
      outcome
          .findings()
          .add("'%s' (%s) is not of a kind that can be checked", name, target.describe());
    }
  }

  private static void requireVersion(
      String name, Target target, String version, int minimum, Outcome outcome) {
    Findings findings = outcome.findings();
    Matcher major = Pattern.compile("^(\\d+)").matcher(version == null ? "" : version);
    if (!major.find()) {
      findings.add("'%s': %s does not tell its version", name, target.describe());
    } else if (Integer.parseInt(major.group(1)) < minimum) {
      findings.add(
          "'%s': %s is of version %s; %d or newer is needed",
          name, target.describe(), version, minimum);
    } else {
      outcome.there().add(name + " " + version);
    }
  }

  private String postgresVersion(PostgresTarget target) throws SQLException {
    try (Connection connection = connections.postgres(target);
        Statement statement = connection.createStatement()) {
      try (ResultSet one = statement.executeQuery("SELECT 1")) {
        one.next();
      }
      try (ResultSet version = statement.executeQuery("SHOW server_version")) {
        version.next();
        return version.getString(1);
      }
    }
  }

  private String redisVersion(RedisTarget target) {
    try (StatefulRedisConnection<String, String> connection =
        connections.redis(target, StringCodec.UTF8)) {
      connection.sync().ping();
      Matcher version = REDIS_VERSION.matcher(connection.sync().info("server"));
      return version.find() ? version.group(1) : null;
    }
  }

  private static String mongoVersion(MongoTarget target) {
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
    try (MongoClient client = MongoClients.create(settings.build())) {
      MongoDatabase admin = client.getDatabase("admin");
      admin.runCommand(new Document("hello", 1));
      return admin.runCommand(new Document("buildInfo", 1)).getString("version");
    }
  }
}
