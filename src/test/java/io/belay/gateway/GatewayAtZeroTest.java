package io.belay.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a weight of 0 means for users who are on the candidate. */
class GatewayAtZeroTest {

  private static final String TOKEN = "a-token-that-is-long-enough";

  private static final String MARK = "belay-candidate=v2:%2F";

  @TempDir Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private TestBackend old;
  private TestBackend fresh;
  private Gateway gateway;

  @BeforeEach
  void startBackends() throws Exception {
    old = TestBackend.named("v1");
    fresh = TestBackend.named("v2");
  }

  @AfterEach
  void stop() {
    gateway.close();
    old.close();
    fresh.close();
  }

  private void start(String sticky) throws Exception {
    Path file = directory.resolve("gateway.yml");
    Files.writeString(
        file,
        """
        listen: 127.0.0.1:0
        admin: 127.0.0.1:0
        state: %s
        %s
        backends: { v1: { v1: '%s' }, v2: { v2: '%s' } }
        routes: [{ path: /, baseline: v1, candidate: v2, weight: 0 }]
        """
            .formatted(directory.resolve("routes.json"), sticky, old.address(), fresh.address()));
    gateway = Gateway.start(file, Map.of("BELAY_GATEWAY_TOKEN", TOKEN));
  }

  @Test
  void drain_keepsWhoIsThere_andLetsNobodyElseIn() throws Exception {
    start("sticky: { header: X-User }");
    put(100, "drain");
    HttpResponse<String> first = get("anna", "");
    assertThat(first.body()).isEqualTo("v2");
    String cookie = first.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(cookie).isEqualTo("belay-candidate=v2:%2F; Path=/; HttpOnly; SameSite=Lax");
    String mark = cookie.substring(0, cookie.indexOf(';'));
    assertThat(get("anna", mark).headers().firstValue("Set-Cookie")).as("once").isEmpty();

    put(0, "drain");
    assertThat(get("anna", "a=b; " + mark).body()).isEqualTo("v2");
    assertThat(get("anna", "").body()).as("nobody knows that this is she").isEqualTo("v1");
    assertThat(get("bert", "").body()).isEqualTo("v1");
    assertThat(get("bert", "").headers().firstValue("Set-Cookie")).isEmpty();
    assertThat(get("carl", "belay-candidate=v3:%2F").body())
        .as("another candidate")
        .isEqualTo("v1");

    gateway.close();
    start("sticky: { header: X-User }");
    assertThat(get("anna", mark).body()).as("after a restart").isEqualTo("v2");

    put(0, "cut");
    assertThat(get("anna", mark).body()).isEqualTo("v1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "127.0.0.1 | https | true",
        "127.0.0.1 | HTTPS, http | true",
        "127.0.0.1 | http, https | false",
        "10.0.0.1 | https | false"
      })
  void theMark_isSecure_whereTheUserIsByWordOfATrustedProxy(
      String trusted, String proto, boolean secure) throws Exception {
    start("sticky: { header: X-User }\ntrustedProxies: ['%s']".formatted(trusted));
    put(100, "drain");
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/"))
            .header("X-User", "anna")
            .header("X-Forwarded-Proto", proto)
            .build();
    String cookie =
        http.send(request, HttpResponse.BodyHandlers.ofString())
            .headers()
            .firstValue("Set-Cookie")
            .orElseThrow();
    assertThat(cookie.contains("; Secure")).isEqualTo(secure);
  }

  @Test
  void aCandidateThatIsDown_orDrained_keepsNobody() throws Exception {
    start("sticky: { header: X-User }");
    put(0, "drain");
    assertThat(get("anna", MARK).body()).isEqualTo("v2");
    admin("/servers/v2/drain", HttpRequest.BodyPublishers.noBody(), "POST");
    assertThat(get("anna", MARK).body()).isEqualTo("v1");
    admin("/servers/v2/undrain", HttpRequest.BodyPublishers.noBody(), "POST");
    assertThat(get("anna", MARK).body()).isEqualTo("v2");
    fresh.close();
    await().untilAsserted(() -> assertThat(get("anna", MARK).body()).isEqualTo("v1"));
  }

  @Test
  void aUserWhoGetsToTheBaseline_isNotKeptByTheNextDrain() throws Exception {
    start("sticky: { header: X-User }");
    put(0, "cut");
    assertThat(get("anna", MARK).headers().firstValue("Set-Cookie"))
        .hasValue(MARK + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    assertThat(get("anna", "").headers().firstValue("Set-Cookie")).isEmpty();
  }

  @Test
  void aMark_countsForItsRouteOnly_besideThoseOfOthers() throws Exception {
    start("sticky: { header: X-User }");
    String routes =
        "{\"routes\":[%s,%s]}".formatted(route("/", 0, "drain"), route("/billing", 0, "drain"));
    admin("/routes", HttpRequest.BodyPublishers.ofString(routes), "PUT");
    assertThat(get("/billing", "anna", MARK).body()).isEqualTo("v1");
    String both = "belay-candidate=v2:%2Fbilling; " + MARK;
    assertThat(get("/billing", "anna", both).body()).isEqualTo("v2");
    assertThat(get("/", "anna", both).body()).isEqualTo("v2");
  }

  @Test
  void cut_isTheDefault_andSetsNoCookie() throws Exception {
    start("sticky: { header: X-User }");
    put(100, null);
    HttpResponse<String> first = get("anna", "");
    assertThat(first.body()).isEqualTo("v2");
    assertThat(first.headers().firstValue("Set-Cookie")).isEmpty();
    put(0, null);
    assertThat(get("anna", MARK).body()).isEqualTo("v1");
  }

  @Test
  void aRouteThatCuts_isWrittenAsBefore() throws Exception {
    start("sticky: { header: X-User }");
    assertThat(put(10, "cut").body()).doesNotContain("atZero");
    assertThat(put(10, "drain").body()).contains("\"atZero\":\"drain\"");
    assertThat(put(10, "sink").statusCode()).isEqualTo(400);
  }

  @Test
  void drainWithoutStickyUsers_isRefused() throws Exception {
    start("");
    HttpResponse<String> refused = put(10, "drain");
    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(refused.body()).contains("atZero 'drain' needs users who stay on one side");
  }

  private HttpResponse<String> get(String user, String cookie) throws Exception {
    return get("/", user, cookie);
  }

  private HttpResponse<String> get(String path, String user, String cookie) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
            .header("X-User", user);
    if (!cookie.isEmpty()) {
      request.header("Cookie", cookie);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> put(int weight, String atZero) throws Exception {
    String body = "{\"routes\":[" + route("/", weight, atZero) + "]}";
    return admin("/routes", HttpRequest.BodyPublishers.ofString(body), "PUT");
  }

  private static String route(String path, int weight, String atZero) {
    String mode = atZero == null ? "" : ",\"atZero\":\"" + atZero + "\"";
    return "{\"path\":\"%s\",\"baseline\":\"v1\",\"candidate\":\"v2\",\"weight\":%d%s}"
        .formatted(path, weight, mode);
  }

  private HttpResponse<String> admin(String path, HttpRequest.BodyPublisher body, String method)
      throws Exception {
    return http.send(
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + gateway.administrationPort() + path))
            .header("Authorization", "Bearer " + TOKEN)
            .header("If-Match", "*")
            .method(method, body)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
