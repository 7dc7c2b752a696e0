package io.belay.capability.backup;

import com.moilioncircle.redis.replicator.Configuration;
import com.moilioncircle.redis.replicator.RedisSocketReplicator;
import com.moilioncircle.redis.replicator.rdb.DefaultRdbVisitor;
import com.moilioncircle.redis.replicator.rdb.skip.SkipRdbValueVisitor;
import com.moilioncircle.redis.replicator.util.Strings;
import io.belay.target.RedisTarget;
import io.belay.target.TargetException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Acts as a replica: asks for a full copy once, reads keys and skips values, can be aborted. */
final class RedisReplication extends RedisSocketReplicator {

  /** The master sends a line feed every second or so while it prepares the copy. */
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final RedisTarget target;

  RedisReplication(RedisTarget target) {
    super(target.host(), target.port(), configuration(target));
    this.target = target;
    setRdbVisitor(new DefaultRdbVisitor(this, new SkipRdbValueVisitor(this)));
  }

  private static Configuration configuration(RedisTarget target) {
    Configuration configuration =
        Configuration.defaultSetting()
            // a second try would append to what the first one wrote
            .setRetries(1)
            .setRetryTimeInterval(1)
            .setAsyncCachedBytes(0)
            .setConnectionTimeout((int) target.timeout().toMillis())
            .setReadTimeout((int) SILENCE.toMillis())
            .setUseDefaultExceptionListener(false);
    if (target.password().isPresent()) {
      configuration.setAuthPassword(target.password().reveal());
      if (!target.username().isEmpty()) {
        configuration.setAuthUser(target.username());
      }
    }
    return configuration;
  }

  /** Replaces the library's method, which logs a hash of the password. */
  @Override
  protected void auth(String user, String password) throws IOException {
    byte[] secret = password.getBytes(StandardCharsets.UTF_8);
    byte[] command = "AUTH".getBytes(StandardCharsets.US_ASCII);
    if (user == null) {
      send(command, secret);
    } else {
      send(command, user.getBytes(StandardCharsets.UTF_8), secret);
    }
    String reply = Strings.toString(reply());
    if (!"OK".equals(reply)) {
      throw new TargetException(
          "%s refuses the login: %s. Nothing was done there".formatted(target.describe(), reply));
    }
  }

  /** Stops the copy at once; may be called from any thread. */
  void abort() {
    Socket open = socket;
    if (open != null) {
      try {
        close();
        open.close();
      } catch (IOException e) {
        // closed already
      }
    }
  }
}
