package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.belay.face.web.Caller.Answer;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.IdentityService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.JdbcTemplate;

/** Tokens: what they open, for how long, and which are none. */
@WebTest
class TokensTest {

  @Autowired Caller caller;
  @Autowired IdentityService identity;
  @Autowired JdbcTemplate jdbc;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/runs",
        "/api/openapi",
        "/engine-rest/process-definition",
        "/engine-rest/engine/default/process-definition",
        "/actuator/info"
      })
  void token_opensAllOfRest(String path) {
    assertThat(caller.getByToken(caller.token("vera"), path).status()).isEqualTo(200);
  }

  @Test
  void answer_isWhatClientsOfOAuthExpect_andMustNotBeStored() throws Exception {
    Answer answer = caller.post("vera", "/api/tokens", "{}").is(200);
    assertThat(answer.body().path("token_type").asText()).isEqualTo("Bearer");
    assertThat(answer.body().path("expires_in").asInt()).isBetween(200, 300);
    assertThat(answer.raw().headers().firstValue("Cache-Control").orElseThrow())
        .contains("no-store");
    SignedJWT token = SignedJWT.parse(answer.body().path("access_token").asText());
    JWTClaimsSet claims = token.getJWTClaimsSet();
    assertThat(token.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.RS256);
    assertThat(token.getHeader().getKeyID()).isNotBlank();
    assertThat(claims.getIssuer()).isEqualTo("belay");
    assertThat(claims.getAudience()).containsExactly("belay");
    assertThat(claims.getSubject()).isEqualTo("vera");
    assertThat(claims.getClaim("kind")).isEqualTo("user");
    assertThat(
            Duration.between(
                claims.getIssueTime().toInstant(), claims.getExpirationTime().toInstant()))
        .isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void plainText_isTheTokenAlone_forScripts() {
    Answer answer =
        caller.send(
            "vera",
            HttpRequest.newBuilder(caller.uri("/api/tokens"))
                .header("Accept", "text/plain")
                .POST(BodyPublishers.noBody()));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(caller.getByToken(answer.text(), "/api/runs").status()).isEqualTo(200);
  }

  @Test
  void actsByToken_areDoneInThatUsersName_atBelayAndAtTheEngine() {
    for (String path : List.of("/api/runs", "/engine-rest/process-definition/key/web-test/start")) {
      String body =
          path.startsWith("/api")
              ? "{\"runbook\":\"web-test\",\"parameters\":{\"environment\":\"test\"}}"
              : "{\"variables\":{\"environment\":{\"value\":\"test\"}}}";
      Answer refused = postByToken("vera", path, body);
      assertThat(refused.status()).as(refused.text()).isEqualTo(403);
      Answer started = postByToken("olga", path, body);
      assertThat(started.status()).as(started.text()).isIn(200, 201);
      String run = started.body().path("id").asText();
      try {
        assertThat(caller.get("vera", "/api/runs/" + run).body().path("startedBy").asText())
            .isEqualTo("olga");
      } finally {
        caller.end(run);
      }
    }
  }

  @Test
  void interventions_stayForAdministrators() {
    String path = "/engine-rest/process-instance/x/modification";
    String body = "{\"instructions\":[]}";
    assertThat(postByToken("olga", path, body).status()).isEqualTo(403);
    assertThat(postByToken("adam", path, body).status()).isNotIn(401, 403);
  }

  @Test
  void forgedToken_isRefused() throws Exception {
    RSAKey key = signingKey();
    Map<String, String> forged = new LinkedHashMap<>();
    forged.put("not a token", "x.y.z");
    forged.put("empty", "");
    forged.put("none", new PlainJWT(claims().build()).serialize());
    forged.put(
        "HMAC with the public key",
        sign(
            header(JWSAlgorithm.HS256, key).build(),
            claims(),
            new MACSigner(key.toRSAPublicKey().getEncoded())));
    for (JWSAlgorithm other : List.of(JWSAlgorithm.RS384, JWSAlgorithm.RS512, JWSAlgorithm.PS256)) {
      forged.put(
          other.getName(), sign(header(other, key).build(), claims(), new RSASSASigner(key)));
    }
    RSAKey stranger = new RSAKeyGenerator(2048).keyID(key.getKeyID()).generate();
    forged.put(
        "another's key under Belay's id",
        sign(header(JWSAlgorithm.RS256, key).build(), claims(), new RSASSASigner(stranger)));
    forged.put(
        "the key in the token itself",
        sign(
            header(JWSAlgorithm.RS256, key).jwk(stranger.toPublicJWK()).build(),
            claims(),
            new RSASSASigner(stranger)));
    forged.put(
        "unknown id of a key",
        sign(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("x").build(),
            claims(),
            new RSASSASigner(key)));
    forged.put(
        "no id of a key",
        sign(new JWSHeader.Builder(JWSAlgorithm.RS256).build(), claims(), new RSASSASigner(key)));
    forged.put("issuer", sign(key, claims().issuer("someone")));
    forged.put("audience", sign(key, claims().audience("billing")));
    forged.put("no audience", sign(key, claims().audience((String) null)));
    forged.put("no subject", sign(key, claims().subject(null)));
    forged.put("no end", sign(key, claims().expirationTime(null)));
    forged.put("no begin", sign(key, claims().issueTime(null)));
    forged.put("too long", sign(key, claims().expirationTime(in(Duration.ofDays(1)))));
    forged.put("later", sign(key, claims().notBeforeTime(in(Duration.ofMinutes(2)))));
    forged.put(
        "ended",
        sign(
            key,
            claims()
                .issueTime(in(Duration.ofMinutes(-6)))
                .expirationTime(in(Duration.ofMinutes(-1)))));
    forged.put("nobody", sign(key, claims().subject("nobody")));
    forged.put("another's password", sign(key, claims().subject("vera")));
    forged.put("no password", sign(key, claims().claim("credentials", null)));
    String good = sign(key, claims());
    forged.put(
        "changed",
        good.substring(0, good.indexOf('.'))
            + sign(key, claims().subject("vera"))
                .substring(good.indexOf('.'), good.lastIndexOf('.'))
            + good.substring(good.lastIndexOf('.')));

    assertThat(caller.getByToken(good, "/api/runs").status()).isEqualTo(200);
    forged.forEach(
        (name, token) -> {
          for (String path : List.of("/api/runs", "/engine-rest/engine", "/actuator/info")) {
            Answer refused = caller.getByToken(token, path);
            assertThat(refused.status()).as(name + " at " + path).isEqualTo(401);
            assertThat(refused.type()).startsWith("application/problem+json");
            assertThat(refused.text()).doesNotContain("nimbus", "Exception");
          }
        });
    assertThat(caller.getByToken(forged.get("ended"), "/api/runs").text()).contains("it ended at");
  }

  @Test
  void rightsOfAToken_areThoseOfThisMoment() {
    var user = identity.newUser("tina");
    user.setPassword("tina");
    identity.saveUser(user);
    identity.createMembership("tina", "operator");
    String token = caller.token("tina");
    assertThat(post(token, "/api/runs/x/retry").status()).isEqualTo(404);

    identity.deleteMembership("tina", "operator");
    identity.createMembership("tina", "viewer");
    assertThat(post(token, "/api/runs/x/retry").status()).isEqualTo(403);
    assertThat(caller.getByToken(token, "/api/runs").status()).isEqualTo(200);

    identity.deleteUser("tina");
    assertThat(caller.getByToken(token, "/api/runs").is(401).text()).contains("does not exist");
    assertThat(caller.getByToken(token, "/engine-rest/engine").status()).isEqualTo(401);
  }

  @Test
  void tokenByToken_isRefused() {
    Answer refused = post(caller.token("vera"), "/api/tokens");
    assertThat(refused.is(403).text()).contains("a name and a password");
  }

  @Test
  void tokenInTheAddress_isNone() {
    String token = caller.token("vera");
    assertThat(caller.get(null, "/api/runs?access_token=" + token).status()).isEqualTo(401);
  }

  @Test
  void pages_areForSessions_whichATokenDoesNotMake() {
    String token = caller.token("vera");
    assertThat(caller.getByToken(token, "/").status()).isEqualTo(302);
    assertThat(caller.getByToken(token, "/camunda/app/cockpit/default/").status())
        .isNotEqualTo(200);
    assertThat(caller.getByToken(token, "/api/runs").raw().headers().allValues("Set-Cookie"))
        .noneMatch(cookie -> cookie.contains("SESSION"));
  }

  @Test
  void service_hasTokensForOthers_andNoRights() throws Exception {
    String own = caller.token("sam");
    assertThat(SignedJWT.parse(own).getJWTClaimsSet().getClaim("kind")).isEqualTo("service");
    assertThat(caller.getByToken(own, "/api/runs").status()).isEqualTo(403);
    assertThat(caller.getByToken(own, "/engine-rest/engine").status()).isEqualTo(403);

    Answer other = caller.post("sam", "/api/tokens", "{\"audience\":\"billing\"}").is(200);
    String token = other.body().path("access_token").asText();
    JWTClaimsSet claims = SignedJWT.parse(token).getJWTClaimsSet();
    assertThat(claims.getAudience()).containsExactly("billing");
    assertThat(claims.getSubject()).isEqualTo("sam");
    assertThat(caller.getByToken(token, "/api/runs").status()).isEqualTo(401);

    assertThat(caller.post("adam", "/api/tokens", "{\"service\":\"sam\"}").is(200).text())
        .contains("access_token");
  }

  @Test
  void whatOneMayNotAskFor_isRefused_byName() {
    assertThat(caller.post("sam", "/api/tokens", "{\"audience\":\"bank\"}").is(422).text())
        .contains("bank", "belay.tokens.audiences");
    assertThat(caller.post("adam", "/api/tokens", "{\"audience\":\"billing\"}").is(422).text())
        .contains("audience");
    caller.post("vera", "/api/tokens", "{\"service\":\"sam\"}").is(403);
    assertThat(caller.post("adam", "/api/tokens", "{\"service\":\"vera\"}").is(422).text())
        .contains("vera", "group service");
    caller.post("vera", "/api/tokens", "{\"sub\":\"adam\"}").is(400);
    caller.post(null, "/api/tokens", "{}").is(401);
  }

  @Test
  void keys_areShownWithoutTheirPrivatePart_andProveTokens() throws Exception {
    SignedJWT token = SignedJWT.parse(caller.token("vera"));
    Answer keys = caller.get(null, "/.well-known/jwks.json");
    assertThat(keys.status()).isEqualTo(200);
    keys.body()
        .path("keys")
        .forEach(
            key -> assertThat(key.fieldNames()).toIterable().doesNotContain("d", "p", "q", "qi"));
    RSAKey key = JWKSet.parse(keys.text()).getKeyByKeyId(token.getHeader().getKeyID()).toRSAKey();
    assertThat(token.verify(new com.nimbusds.jose.crypto.RSASSAVerifier(key))).isTrue();
  }

  @Test
  void newKey_signsFromNowOn_andRevokesEarlierTokensOnRequest() throws Exception {
    String first = caller.token("vera");
    caller.post("olga", "/api/tokens/keys", "").is(403);
    String kid = caller.post("adam", "/api/tokens/keys", "").is(200).body().path("kid").asText();
    String second = caller.token("vera");
    assertThat(SignedJWT.parse(second).getHeader().getKeyID()).isEqualTo(kid);
    assertThat(caller.getByToken(first, "/api/runs").status()).isEqualTo(200);

    caller.post("adam", "/api/tokens/keys?revoke=true", "").is(200);
    caller.getByToken(first, "/api/runs").is(401);
    caller.getByToken(second, "/api/runs").is(401);
    assertThat(caller.getByToken(caller.token("vera"), "/api/runs").status()).isEqualTo(200);
  }

  private RSAKey signingKey() throws Exception {
    SignedJWT token = SignedJWT.parse(caller.token("vera"));
    return RSAKey.parse(
        jdbc.queryForObject(
            "SELECT jwk FROM belay_token_key WHERE id = ?",
            String.class,
            token.getHeader().getKeyID()));
  }

  private JWTClaimsSet.Builder claims() throws ParseException {
    return new JWTClaimsSet.Builder()
        .issuer("belay")
        .claim("credentials", credentials(caller.token("adam")))
        .audience("belay")
        .subject("adam")
        .issueTime(in(Duration.ZERO))
        .expirationTime(in(Duration.ofMinutes(4)));
  }

  private static Object credentials(String token) throws ParseException {
    return SignedJWT.parse(token).getJWTClaimsSet().getClaim("credentials");
  }

  private static Date in(Duration time) {
    return Date.from(Instant.now().plus(time));
  }

  private static JWSHeader.Builder header(JWSAlgorithm algorithm, RSAKey key) {
    return new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).type(JOSEObjectType.JWT);
  }

  private static String sign(RSAKey key, JWTClaimsSet.Builder claims) throws JOSEException {
    return sign(header(JWSAlgorithm.RS256, key).build(), claims, new RSASSASigner(key));
  }

  private static String sign(JWSHeader header, JWTClaimsSet.Builder claims, JWSSigner signer)
      throws JOSEException {
    SignedJWT token = new SignedJWT(header, claims.build());
    token.sign(signer);
    return token.serialize();
  }

  private Answer postByToken(String user, String path, String body) {
    return caller.send(
        null,
        caller.byToken(
            user,
            HttpRequest.newBuilder(caller.uri(path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))));
  }

  private Answer post(String token, String path) {
    return caller.send(
        null,
        HttpRequest.newBuilder(caller.uri(path))
            .header("Authorization", "Bearer " + token)
            .POST(BodyPublishers.noBody()));
  }
}
