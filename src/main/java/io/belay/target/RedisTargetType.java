package io.belay.target;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** {@code type: redis}. Its identity is its run and replication ids, and its resolved address. */
@Component
final class RedisTargetType implements TargetType<RedisTarget> {

  private static final Pattern VERSION = Pattern.compile("redis_version:(\\S+)");

  private final Connections connections;

  RedisTargetType(Connections connections) {
    this.connections = connections;
  }

  @Override
  public String name() {
    return "redis";
  }

  @Override
  public Class<RedisTarget> settings() {
    return RedisTarget.class;
  }

  @Override
  public SortedMap<String, String> identify(RedisTarget target) throws UnknownHostException {
    SortedMap<String, String> facts = new TreeMap<>();
    facts.put(TargetIdentity.SERVER, server(target));
    try (StatefulRedisConnection<byte[], byte[]> connection = connections.redis(target)) {
      String info = connection.sync().info("server") + connection.sync().info("replication");
      put(TargetIdentity.PROCESS, "run_id", info, facts);
      put(TargetIdentity.REPLICATION, "master_replid", info, facts);
      put(TargetIdentity.FORMER_REPLICATION, "master_replid2", info, facts);
    }
    return facts;
  }

  /** A loopback address names another server on each machine. */
  private static String server(RedisTarget target) throws UnknownHostException {
    InetAddress address = InetAddress.getByName(target.host());
    String host = address.getHostAddress();
    return (address.isLoopbackAddress() ? "127.0.0.1 of " + FileFacts.thisMachine() : host)
        + ":"
        + target.port();
  }

  private static void put(String fact, String field, String info, SortedMap<String, String> facts) {
    Matcher found =
        Pattern.compile("(?m)^" + field + ":([0-9a-f]*[1-9a-f][0-9a-f]*)").matcher(info);
    if (found.find()) {
      facts.put(fact, found.group(1));
    }
  }

  @Override
  public Optional<Version> probe(RedisTarget target) {
    try (StatefulRedisConnection<String, String> connection =
        connections.redis(target, StringCodec.UTF8)) {
      connection.sync().ping();
      Matcher version = VERSION.matcher(connection.sync().info("server"));
      return Optional.of(
          new Version(version.find() ? version.group(1) : "", target.minimumVersion()));
    }
  }
}
