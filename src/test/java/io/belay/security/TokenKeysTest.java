package io.belay.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.belay.TickingClock;
import io.belay.target.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Where the keys of tokens come from, and how they come and go. */
class TokenKeysTest {

  private static final Duration ROTATION = Duration.ofDays(30);

  private static final String ENCRYPTION_KEY = "c2VjcmV0IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXMhISE=";

  private final JdbcTemplate jdbc =
      new JdbcTemplate(
          new DriverManagerDataSource(
              "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1".formatted(UUID.randomUUID())));
  private final TickingClock clock = new TickingClock();

  @TempDir Path directory;

  @BeforeEach
  void createTable() {
    jdbc.execute(
        "CREATE TABLE belay_token_key (id varchar(64) PRIMARY KEY, created_at timestamp(6),"
            + " jwk varchar(4000))");
  }

  private StoredTokenKeys node() {
    return node("");
  }

  private StoredTokenKeys node(String encryptionKey) {
    return new StoredTokenKeys(
        jdbc, new TokenKeyEncryption(Secret.of(encryptionKey)), ROTATION, clock);
  }

  private List<String> rows() {
    return jdbc.queryForList("SELECT jwk FROM belay_token_key", String.class);
  }

  @Test
  void keyAtRest_isEncrypted_alsoOneThatAnEarlierStartWroteInPlainText() {
    RSAKey plain = node().signing();
    assertThat(rows()).singleElement().asString().contains(plain.getPrivateExponent().toString());

    StoredTokenKeys node = node(ENCRYPTION_KEY);
    assertThat(node.signing()).as("tokens go on to count").isEqualTo(plain);
    RSAKey second = node.find(node.rotate(false)).orElseThrow();

    assertThat(rows())
        .hasSize(2)
        .allSatisfy(
            row ->
                assertThat(row)
                    .startsWith("enc1:")
                    .doesNotContain(plain.getPrivateExponent().toString())
                    .doesNotContain(second.getPrivateExponent().toString())
                    .hasSizeLessThan(4000));
    assertThat(node(ENCRYPTION_KEY).all()).containsExactlyInAnyOrder(plain, second);
  }

  @Test
  void keyEncryptedWithAnotherSecret_orUnderAnotherId_countsNoMore_andANewOneSigns() {
    String lost = node(ENCRYPTION_KEY).signing().getKeyID();
    for (String other : List.of("", ENCRYPTION_KEY + "x")) {
      StoredTokenKeys node = node(other);
      assertThat(node.find(lost)).isEmpty();
      assertThat(node.signing().getKeyID()).isNotEqualTo(lost);
    }
    jdbc.update("UPDATE belay_token_key SET id = 'moved' WHERE id = ?", lost);
    assertThat(node(ENCRYPTION_KEY).find("moved")).isEmpty();
  }

  @Test
  void encryptionKeyThatIsTooShort_isRefused_withoutShowingIt() {
    assertThatThrownBy(() -> node("too-short-a-secret"))
        .hasMessageContaining("belay.tokens.encryption-key has 18 characters")
        .hasMessageNotContaining("too-short");
  }

  @Test
  void nodesOnOneDatabase_acceptEachOthersKeys_alsoAfterARestart() {
    RSAKey first = node().signing();
    assertThat(node().signing().getKeyID()).isEqualTo(first.getKeyID());
    assertThat(node().find(first.getKeyID())).hasValue(first);
    assertThat(node().find("other")).isEmpty();
  }

  @Test
  void oldKey_isReplaced_countsForAnotherHour_andIsForgotten() {
    StoredTokenKeys node = node();
    String first = node.signing().getKeyID();
    clock.advance(ROTATION);
    String second = node.signing().getKeyID();
    assertThat(second).isNotEqualTo(first);
    assertThat(node.find(first)).isPresent();
    assertThat(node.all()).extracting(RSAKey::getKeyID).containsExactly(second, first);

    clock.advance(ROTATION);
    node.signing();
    assertThat(node.find(first)).isEmpty();
    assertThat(node.find(second)).isPresent();
  }

  @Test
  void revokedKey_isRefusedHereAtOnce_andElsewhereSoon() {
    StoredTokenKeys here = node();
    StoredTokenKeys elsewhere = node();
    String first = here.signing().getKeyID();
    assertThat(elsewhere.find(first)).isPresent();
    String second = here.rotate(true);
    assertThat(here.find(first)).isEmpty();
    assertThat(here.signing().getKeyID()).isEqualTo(second);
    clock.advance(StoredTokenKeys.TRUST.plusMillis(1));
    assertThat(elsewhere.find(first)).isEmpty();
    assertThat(elsewhere.signing().getKeyID()).isEqualTo(second);
  }

  @Test
  void configuredKey_mayBeTextOrFile_isTheSameOnEveryNode_andFormerOnesOnlyProve()
      throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).generate();
    RSAKey former = new RSAKeyGenerator(2048).generate();
    Path file = directory.resolve("former.pem");
    Files.writeString(file, pem("PUBLIC KEY", former.toRSAPublicKey()));
    var keys = configured(pem("PRIVATE KEY", key.toRSAPrivateKey()), file.toString());

    assertThat(keys.signing().isPrivate()).isTrue();
    assertThat(keys.signing().toRSAPublicKey()).isEqualTo(key.toRSAPublicKey());
    assertThat(keys.signing().getKeyID()).isEqualTo(key.computeThumbprint().toString());
    assertThat(keys.find(former.computeThumbprint().toString()))
        .hasValueSatisfying(found -> assertThat(found.isPrivate()).isFalse());
    assertThatThrownBy(() -> keys.rotate(true))
        .isInstanceOf(TokenRefused.class)
        .hasMessageContaining("belay.tokens.former-keys");
  }

  @Test
  void configuredKey_thatIsNone_isRefusedAtTheStart_withoutShowingIt() throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).generate();
    assertThatThrownBy(() -> configured(pem("PUBLIC KEY", key.toRSAPublicKey())))
        .hasMessageContaining("belay.tokens.key must be a private key");
    RSAKey small = new RSAKeyGenerator(1024, true).generate();
    assertThatThrownBy(() -> configured(pem("PRIVATE KEY", small.toRSAPrivateKey())))
        .hasMessageContaining("1024 bits");
    for (String wrong : List.of("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n", "/no/such/file")) {
      assertThatThrownBy(() -> configured(wrong))
          .isInstanceOf(IllegalStateException.class)
          .hasNoCause()
          .hasMessageContaining("belay.tokens.key")
          .hasMessageNotContaining("c2VjcmV0");
    }
    String good = pem("PRIVATE KEY", key.toRSAPrivateKey());
    assertThatThrownBy(() -> configured(good, "nonsense"))
        .hasMessageContaining("belay.tokens.former-keys[0]");
  }

  @Test
  void settings_haveBounds() {
    assertThatThrownBy(
            () ->
                new TokenSettings(
                    "belay",
                    "belay",
                    List.of(),
                    Duration.ofDays(1),
                    Duration.ZERO,
                    Secret.none(),
                    List.of(),
                    ROTATION,
                    Secret.none()))
        .hasMessageContaining("belay.tokens.lifetime");
  }

  private static ConfiguredTokenKeys configured(String key, String... former) {
    return new ConfiguredTokenKeys(
        Secret.of(key), List.of(former).stream().map(Secret::of).toList());
  }

  private static String pem(String type, Key key) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .formatted(type, Base64.getMimeEncoder().encodeToString(key.getEncoded()), type);
  }
}
