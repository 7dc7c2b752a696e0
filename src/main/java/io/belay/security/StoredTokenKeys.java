package io.belay.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;

/**
 * Keys that Belay makes itself and keeps in the engine's database, so that each node accepts the
 * tokens of every other. The newest signs; one that is older than {@code rotation} is replaced when
 * the next token is issued, and deleted an hour later, long after its last token has expired.
 */
final class StoredTokenKeys implements TokenKeys {

  /** How long a key is used without a look into the database. */
  static final Duration TRUST = Duration.ofSeconds(20);

  private static final Duration AFTERLIFE = Duration.ofHours(1).plus(TRUST);
  private static final int BITS = 2048;

  private record Stored(RSAKey key, Instant createdAt) {}

  private record Seen(Stored stored, Instant at) {}

  private static final Logger LOG = LoggerFactory.getLogger(StoredTokenKeys.class);

  private final JdbcTemplate jdbc;
  private final TokenKeyEncryption encryption;
  private final Duration rotation;
  private final Clock clock;
  private final Map<String, Seen> seen = new ConcurrentHashMap<>();
  private volatile Seen newest;

  /** Encrypts those keys that an earlier start without {@code encryption} wrote in plain text. */
  StoredTokenKeys(
      JdbcTemplate jdbc, TokenKeyEncryption encryption, Duration rotation, Clock clock) {
    this.jdbc = jdbc;
    this.encryption = encryption;
    this.rotation = rotation;
    this.clock = clock;
    encryptPlainText();
  }

  private void encryptPlainText() {
    jdbc.query(
            "SELECT id, jwk FROM belay_token_key",
            (row, index) -> Map.entry(row.getString("id"), row.getString("jwk")))
        .forEach(
            stored -> {
              String id = stored.getKey();
              if (encryption.isToEncrypt(stored.getValue())) {
                jdbc.update(
                    "UPDATE belay_token_key SET jwk = ? WHERE id = ?",
                    encryption.write(id, stored.getValue()),
                    id);
              } else if (encryption.read(id, stored.getValue()).isEmpty()) {
                LOG.warn(
                    "The key {} in belay_token_key was encrypted with another belay.tokens.encryption-key than this node's: tokens that it signed are refused here. Give each node the same",
                    id);
              }
            });
  }

  /** The keys that this node can read. */
  private List<Stored> stored(String condition, Object... arguments) {
    RowMapper<Optional<Stored>> rows =
        (row, index) -> {
          Instant createdAt =
              row.getObject("created_at", LocalDateTime.class).toInstant(ZoneOffset.UTC);
          return encryption
              .read(row.getString("id"), row.getString("jwk"))
              .map(jwk -> new Stored(parse(jwk), createdAt));
        };
    return jdbc.query("SELECT * FROM belay_token_key " + condition, rows, arguments).stream()
        .flatMap(Optional::stream)
        .toList();
  }

  @Override
  public RSAKey signing() {
    Instant now = clock.instant();
    Seen last = newest;
    if (last == null || isStale(last, now)) {
      last = new Seen(newestStored(now), now);
      newest = last;
    }
    return last.stored().key();
  }

  private Stored newestStored(Instant now) {
    Optional<Stored> stored =
        stored("ORDER BY created_at DESC, id").stream()
            .findFirst()
            .filter(key -> key.createdAt().plus(rotation).isAfter(now));
    if (stored.isPresent()) {
      return stored.get();
    }
    // Nodes that do this at the same moment make one each; both count, and the next look settles
    // which one signs.
    Stored made = create(now);
    jdbc.update(
        "DELETE FROM belay_token_key WHERE created_at < ?",
        time(now.minus(rotation).minus(AFTERLIFE)));
    return made;
  }

  private Stored create(Instant now) {
    try {
      RSAKey key =
          new RSAKeyGenerator(BITS)
              .keyUse(KeyUse.SIGNATURE)
              .algorithm(JWSAlgorithm.RS256)
              .keyIDFromThumbprint(true)
              .generate();
      jdbc.update(
          "INSERT INTO belay_token_key (id, created_at, jwk) VALUES (?,?,?)",
          key.getKeyID(),
          time(now),
          encryption.write(key.getKeyID(), key.toJSONString()));
      return new Stored(key, now);
    } catch (JOSEException e) {
      throw new IllegalStateException("no RSA key could be made", e);
    }
  }

  @Override
  public Optional<RSAKey> find(String id) {
    Instant now = clock.instant();
    Seen known = seen.get(id);
    if (known == null || isStale(known, now)) {
      seen.values().removeIf(old -> isStale(old, now));
      known =
          stored("WHERE id = ?", id).stream()
              .findFirst()
              .map(stored -> new Seen(stored, now))
              .orElse(null);
      if (known != null) {
        seen.put(id, known);
      }
    }
    return Optional.ofNullable(known).map(Seen::stored).map(Stored::key);
  }

  private static boolean isStale(Seen key, Instant now) {
    return key.at().plus(TRUST).isBefore(now);
  }

  @Override
  public List<RSAKey> all() {
    return stored("ORDER BY created_at DESC, id").stream().map(Stored::key).toList();
  }

  @Override
  public String rotate(boolean revoke) {
    Instant now = clock.instant();
    Stored made = create(now);
    if (revoke) {
      jdbc.update("DELETE FROM belay_token_key WHERE id <> ?", made.key().getKeyID());
      seen.clear();
    }
    newest = new Seen(made, now);
    return made.key().getKeyID();
  }

  private static LocalDateTime time(Instant instant) {
    return LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
  }

  private static RSAKey parse(String jwk) {
    try {
      return RSAKey.parse(jwk);
    } catch (ParseException e) {
      // Without the cause, which quotes the key.
      throw new IllegalStateException("a key in belay_token_key cannot be read");
    }
  }
}
