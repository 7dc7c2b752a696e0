package io.belay.face.web;

import static io.belay.face.web.RawRequest.HERE;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** What a browser is told about Belay's pages, and what it is not led to. */
@WebTest
class PagesInABrowserTest {

  private static final Pattern SCRIPT = Pattern.compile("(?is)<script\\b([^>]*)>(.*?)</script>");
  private static final Pattern HANDLER = Pattern.compile("(?i)<[^>]+\\son[a-z]+\\s*=");

  @Autowired Caller caller;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/login",
        "/runbooks/web-test",
        "/runbooks/web-test?embedded=true",
        "/no-such-page",
        "/api/swagger-ui/index.html",
        "/api/runs",
        "/belay/belay.js"
      })
  void page_runsNoScriptThatStandsInIt_andIsShownInNoForeignFrame(String path) throws Exception {
    Session session = new Session(caller);
    session.login("olga", "olga");
    checkPage(session.get(path));
  }

  @Test
  void pageOfARunAndItsReport_runNoScriptThatStandsInThem() throws Exception {
    String run = caller.startUntilDecision();
    try {
      Session session = new Session(caller);
      session.login("olga", "olga");
      checkPage(session.get("/runs/" + run));
      checkPage(session.get("/runs/" + run + "/report"));
      checkPage(session.get("/api/runs/" + run + "/report?format=html"));
      HttpResponse<String> file = session.get("/runs/" + run + "/report?file=true");
      checkPage(file);
      assertThat(file.headers().firstValue("Content-Security-Policy").orElseThrow())
          .containsPattern("style-src 'self' 'sha256-[A-Za-z0-9+/]{43}=';");
    } finally {
      caller.end(run);
    }
  }

  private static void checkPage(HttpResponse<String> page) {
    String policy = page.headers().firstValue("Content-Security-Policy").orElse("none");
    assertThat(policy)
        .contains("default-src 'none'", "script-src 'self';", "frame-ancestors 'self'")
        .contains("base-uri 'none'", "form-action 'self'")
        .doesNotContain("unsafe-");
    assertThat(page.body()).doesNotContain(" style=");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(page.headers().firstValue("Referrer-Policy")).contains("same-origin");
    assertThat(page.headers().firstValue("X-Frame-Options")).contains("SAMEORIGIN");
    if (page.headers().firstValue("Content-Type").orElse("").startsWith("text/html")) {
      Matcher script = SCRIPT.matcher(page.body());
      while (script.find()) {
        assertThat(script.group(2)).as(script.group()).isBlank();
        assertThat(script.group(1)).contains("src=").doesNotContain("http");
      }
      assertThat(HANDLER.matcher(page.body()).results()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/engine-rest/version", "/actuator/health", "/engine-rest/user"})
  void interface_isNoPageEither(String path) throws Exception {
    HttpResponse<String> answer = new Session(caller).get(path);
    assertThat(answer.headers().firstValue("Content-Security-Policy").orElse("none"))
        .contains("default-src 'none'", "frame-ancestors 'self'");
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(answer.headers().firstValue("Referrer-Policy")).contains("same-origin");
  }

  // ------------------------------------------------------------------ redirects

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/runs/x",
        "/camunda",
        "/camunda/",
        "/camunda/app/cockpit/default/",
        "/camunda/app/cockpit",
        "/api/docs",
        "/belay",
        "/no-such-page"
      })
  void redirect_leadsToNoHostThatTheRequestNames(String path) throws Exception {
    Session session = new Session(caller);
    session.login("adam", "adam");
    for (String cookie : new String[] {"", "SESSION=" + session.cookie("SESSION")}) {
      String answer =
          RawRequest.send(
              caller,
              HERE,
              "GET " + path + " HTTP/1.1",
              "Host: evil.example",
              "Accept: text/html",
              "Cookie: " + cookie);
      assertThat(answer.lines().filter(line -> line.startsWith("Location:")))
          .as(path)
          .allSatisfy(line -> assertThat(line).startsWith("Location: /"))
          .noneMatch(line -> line.contains("evil") || line.startsWith("Location: //"));
    }
  }

  @Test
  void login_leadsToThePageThatWasAskedFor_atNoHostThatTheRequestNames() throws Exception {
    String asked =
        RawRequest.send(
            caller,
            HERE,
            "GET /runbooks/web-test?embedded=true HTTP/1.1",
            "Host: evil.example",
            "Accept: text/html");
    String session = cookie(asked, "SESSION");
    String page =
        RawRequest.send(
            caller,
            HERE,
            "GET /login HTTP/1.1",
            "Host: evil.example",
            "Cookie: SESSION=" + session);
    String token = cookie(page, "BELAY-XSRF");
    String form = "username=olga&password=olga&_csrf=" + token;
    String answer =
        RawRequest.send(
            caller,
            HERE,
            "POST /login HTTP/1.1",
            "Host: evil.example",
            "Cookie: SESSION=%s; BELAY-XSRF=%s".formatted(session, token),
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Length: " + form.length(),
            "Connection: close\r\n\r\n" + form);
    assertThat(answer)
        .startsWith("HTTP/1.1 302")
        .contains("Location: /runbooks/web-test?embedded=true");
    assertThat(answer).doesNotContain("evil.example");
  }

  private static String cookie(String answer, String name) {
    return answer
        .lines()
        .filter(line -> line.startsWith("Set-Cookie: " + name + "="))
        .map(line -> line.replaceFirst("^[^=]*=", "").replaceFirst(";.*", ""))
        .findFirst()
        .orElseThrow();
  }

  // ------------------------------------------------------------------ logout of the webapps

  @Test
  void webapps_endNoSessionWithoutTheirToken() throws Exception {
    Session session = new Session(caller);
    session.login("olga", "olga");
    session.get("/camunda/app/cockpit/default/");
    for (String path :
        new String[] {
          "/camunda/api/admin/auth/user/default/logout", "/camunda/api/engine/engine/default/task"
        }) {
      assertThat(session.post(path, false).body()).contains("X-XSRF-TOKEN");
      assertThat(session.post(path, true).statusCode()).isEqualTo(403);
      assertThat(session.get("/api/runs").statusCode()).isEqualTo(200);
    }

    session.webapps("POST", "/admin/auth/user/default/logout", "");

    assertThat(session.get("/api/runs").statusCode()).isEqualTo(401);
  }
}
