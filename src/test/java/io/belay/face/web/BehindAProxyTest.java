package io.belay.face.web;

import static io.belay.face.web.RawRequest.HERE;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** With {@code BELAY_FORWARDED_HEADERS=native}: a proxy ends TLS and says whom it asks for. */
@WebTest
@TestPropertySource(
    properties = {
      "spring.datasource.url=jdbc:h2:mem:proxied;DB_CLOSE_DELAY=-1",
      "camunda.bpm.process-engine-name=proxied", // not the one of other tests
      "belay.artifacts.directory=target/proxied-test-artifacts",
      "BELAY_FORWARDED_HEADERS=native",
      "BELAY_SECURE_COOKIES=true"
    })
class BehindAProxyTest {

  @Autowired Caller caller;

  @Test
  void cookies_areForTlsOnly() throws Exception {
    String page = get("/camunda/app/tasklist/proxied/", "198.51.100.1", "olga");
    assertThat(page.lines().filter(line -> line.startsWith("Set-Cookie:")))
        .hasSizeGreaterThanOrEqualTo(2)
        .allSatisfy(line -> assertThat(line).containsPattern("; ?Secure"));
    assertThat(page).contains("Strict-Transport-Security");
    assertThat(get("/login", "198.51.100.1", null).lines())
        .filteredOn(line -> line.startsWith("Set-Cookie: BELAY-XSRF"))
        .hasSize(1)
        .allSatisfy(line -> assertThat(line).containsPattern("; ?Secure"));
  }

  @Test
  void wrongPasswords_makeTheClientWait_notTheProxy() throws Exception {
    assertThat(get("/api/runs", "198.51.100.2", "olga:wrong")).startsWith("HTTP/1.1 401");
    assertThat(get("/api/runs", "198.51.100.2", "olga:olga")).startsWith("HTTP/1.1 401");
    assertThat(get("/api/runs", "198.51.100.3", "olga:olga")).startsWith("HTTP/1.1 200");
  }

  /** A proxy adds the address that it sees to what the client says about itself. */
  @Test
  void addressThatTheClientClaims_doesNotCount() throws Exception {
    assertThat(get("/api/runs", "192.0.2.1, 198.51.100.4", "vera:wrong"))
        .startsWith("HTTP/1.1 401");
    assertThat(get("/api/runs", "192.0.2.2, 198.51.100.4", "vera:vera")).startsWith("HTTP/1.1 401");
    assertThat(get("/api/runs", "198.51.100.5, 172.18.0.1", "vera:vera"))
        .startsWith("HTTP/1.1 200");
  }

  private String get(String path, String client, String user) throws Exception {
    String credentials = user == null || user.contains(":") ? user : user + ":" + user;
    return RawRequest.send(
        caller,
        HERE,
        "GET " + path + " HTTP/1.1",
        "Host: belay.example",
        "X-Forwarded-For: " + client,
        "X-Forwarded-Proto: https",
        credentials == null
            ? "Accept: text/html"
            : "Authorization: Basic "
                + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
  }
}
