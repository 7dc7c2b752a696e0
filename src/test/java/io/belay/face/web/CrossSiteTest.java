package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** What a page of another site can make a browser send, with the credentials that it keeps. */
@WebTest
class CrossSiteTest {

  private static final String JSON = "application/json";

  @Autowired Caller caller;

  private HttpResponse<String> post(String path, String type, String... headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(caller.uri(path))
            .header(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString("adam:adam".getBytes()))
            .POST(BodyPublishers.ofString("{}"));
    if (type != null) {
      request.header("Content-Type", type);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/tokens/keys?revoke=true",
        "/api/tokens",
        "/api/runs",
        "/api/runs/x/retry",
        "/api/migration/stop",
        "/api/migration/rollback",
        "/engine-rest/process-definition/key/web-test/start",
        "/engine-rest/deployment/create",
        "/camunda/api/engine/engine/default/process-definition/key/web-test/start",
        "/camunda/api/admin/auth/user/default/logout",
        "/login",
        "/logout"
      })
  void changeFromAnotherSite_isRefused(String path) throws Exception {
    for (String site : new String[] {"cross-site", "same-site"}) {
      HttpResponse<String> refused = post(path, JSON, "Sec-Fetch-Site", site);
      assertThat(refused.statusCode()).as(site).isEqualTo(403);
      assertThat(refused.body()).contains("Another site's page asked for this");
    }
    for (String origin : new String[] {"https://evil.example", "null"}) {
      assertThat(post(path, JSON, "Origin", origin).statusCode()).as(origin).isEqualTo(403);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain;charset=UTF-8"
      })
  void formToTheInterface_isRefused(String type) throws Exception {
    assertThat(post("/api/tokens/keys?revoke=true", type).statusCode()).isEqualTo(415);
    assertThat(post("/api/migration/stop", type).statusCode()).isEqualTo(415);
  }

  @Test
  void ownPages_andClientsThatAreNoBrowsers_getThrough() throws Exception {
    String own = caller.uri("/").toString().replaceAll("/$", "");
    assertThat(post("/api/runs", JSON).statusCode()).isEqualTo(400);
    assertThat(post("/api/runs", JSON, "Sec-Fetch-Site", "same-origin").statusCode())
        .isEqualTo(400);
    assertThat(post("/api/runs", JSON, "Origin", own).statusCode()).isEqualTo(400);
  }

  @Test
  void readingFromAnotherSite_isLeftToTheBrowser() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(caller.uri("/login")).header("Sec-Fetch-Site", "cross-site").build();
    assertThat(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).statusCode())
        .isEqualTo(200);
  }
}
