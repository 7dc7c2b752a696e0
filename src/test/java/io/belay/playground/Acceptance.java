package io.belay.playground;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * v2's own tests, as a command: {@code Acceptance <world directory>} asks the staging instance. One
 * line per test; exit code 1 when one fails.
 */
public final class Acceptance {

  private final String base;
  private int number;
  private int failures;

  private Acceptance(String base) {
    this.base = base;
  }

  public static void main(String[] args) throws Exception {
    Path world = Path.of(args[0]);
    Map<String, String> env = MainServer.readEnv(Slots.configuration(world, "v2", Slots.STAGING));
    Acceptance tests = new Acceptance("http://127.0.0.1:" + Slots.port(world, Slots.STAGING));
    String token = env.get("LARK_VERIFICATION_TOKEN");
    tests.expect("the API answers", 200, "v2", "GET", "/api", null);
    tests.expect("it is ready", 200, "ok", "GET", "/api/health/ready", null);
    tests.expect("the AI service answers", 200, "", "GET", "/api/health/ai", null);
    for (int user = 1; user <= 5; user++) {
      String path = "/api/v1/conversations?user=" + user;
      tests.expect("conversations of user " + user, 200, "[", "GET", path, null);
    }
    tests.expect("messages are stored", 200, "[", "GET", "/api/v1/messages", null);
    tests.expect(
        "the webhook takes the challenge",
        200,
        "c-17",
        "POST",
        "/api/webhook/lark/event",
        "{\"type\":\"url_verification\",\"challenge\":\"c-17\",\"token\":\"" + token + "\"}");
    tests.expect(
        "the webhook refuses a wrong token",
        401,
        "",
        "POST",
        "/api/webhook/lark/event",
        "{\"type\":\"url_verification\",\"challenge\":\"c-17\",\"token\":\"wrong\"}");
    System.out.printf("%d tests, %d failures%n", tests.number, tests.failures);
    System.exit(tests.failures == 0 ? 0 : 1);
  }

  private void expect(
      String name, int status, String content, String method, String path, String body) {
    number++;
    try {
      HttpURLConnection connection =
          (HttpURLConnection) URI.create(base + path).toURL().openConnection();
      connection.setConnectTimeout(5_000);
      connection.setReadTimeout(5_000);
      connection.setRequestMethod(method);
      if (body != null) {
        connection.setDoOutput(true);
        connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
      }
      int actual = connection.getResponseCode();
      String answer =
          actual < 400
              ? new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              : "";
      report(name, actual == status && answer.contains(content), "status " + actual);
    } catch (IOException e) {
      report(name, false, e.toString());
    }
  }

  private void report(String name, boolean passed, String seen) {
    failures += passed ? 0 : 1;
    System.out.printf("%s %d - %s (%s)%n", passed ? "ok" : "not ok", number, name, seen);
  }
}
