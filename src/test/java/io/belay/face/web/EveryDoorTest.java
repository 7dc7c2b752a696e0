package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * Every resource of the engine's REST interfaces, asked by everybody. {@code web/doors.txt} says
 * for each who may pass; a resource that is not in it, because a new version of the engine brought
 * it, fails until somebody decides.
 */
@WebTest
class EveryDoorTest {

  private static final Path LIST = Path.of("src/test/resources/web/doors.txt");

  /** Each user with the only group. */
  private static final Map<String, String> PEOPLE = new LinkedHashMap<>();

  static {
    PEOPLE.put("vera", "viewer");
    PEOPLE.put("olga", "operator");
    PEOPLE.put("anna", "approver");
    PEOPLE.put("adam", "administrator");
    PEOPLE.put("sam", "service");
  }

  private static final String AGENT = "eva";

  @Autowired Caller caller;

  @Test
  void everyResource_isInTheList() throws IOException {
    assertThat(RestResources.all()).hasSizeGreaterThan(400);
    assertThat(new TreeSet<>(list().keySet()))
        .isEqualTo(
            RestResources.all().stream()
                .map(EveryDoorTest::listed)
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  /** The webapps reach engine-rest's resources by a second path: one line for both. */
  private static String listed(String resource) {
    return resource.replace("/camunda/api/engine/engine/*/", "/engine-rest/");
  }

  @Test
  void everyResource_letsThroughWhomTheListNames_andNobodyElse() throws Exception {
    Map<String, Asker> askers = new LinkedHashMap<>();
    askers.put("anybody", new Asker(null));
    for (Map.Entry<String, String> person : PEOPLE.entrySet()) {
      askers.put(person.getValue(), new Asker(person.getKey()));
    }
    askers.put("agent", new Asker(AGENT));
    Map<String, String> actual = new TreeMap<>();
    for (String resource : RestResources.all()) {
      List<String> passed = new ArrayList<>();
      for (Map.Entry<String, Asker> asker : askers.entrySet()) {
        if (asker.getValue().passes(resource)) {
          passed.add(asker.getKey());
        }
      }
      actual.merge(
          listed(resource),
          passed.isEmpty() ? "nobody" : String.join(" ", passed),
          EveryDoorTest::either);
    }
    Files.write(
        Path.of("target/doors.txt"),
        actual.entrySet().stream().map(it -> it.getKey() + " : " + it.getValue()).toList());
    assertThat(actual).isEqualTo(new TreeMap<>(list()));
  }

  /** The webapps are asked with the cookie of a login, engine-rest with a token. */
  private final class Asker {

    private final String user;
    private final String bearer;
    private Session session;

    Asker(String user) throws Exception {
      this.user = user;
      this.bearer = user == null ? null : caller.token(user);
      logIn();
    }

    private void logIn() throws Exception {
      session = new Session(caller);
      if (user != null && !user.equals(AGENT)) {
        session.login(user, user);
      }
    }

    /** A rule behind the door may still refuse, as it does where the id does not exist. */
    boolean passes(String resource) throws Exception {
      String[] parts = resource.split(" ", 2);
      String path = parts[1].replace("*", "x");
      String body = parts[0].matches("GET|DELETE|OPTIONS|HEAD") ? null : "{}";
      HttpResponse<String> answer;
      if (bearer == null || path.startsWith("/camunda/") && !user.equals(AGENT)) {
        answer = session.send(parts[0], path, body);
      } else {
        answer = caller.send(null, request(parts[0], path, body)).raw();
      }
      if (path.endsWith("/logout")) {
        logIn();
      }
      boolean toTheLogin =
          answer.statusCode() == 302
              && answer.headers().firstValue("Location").orElse("").endsWith("/login");
      boolean refused =
          answer.statusCode() == 403
              && answer.body().matches("(?s).*(Belay opens|Your groups do not allow).*");
      return answer.statusCode() != 401 && !toTheLogin && !refused;
    }

    private HttpRequest.Builder request(String method, String path, String body) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(caller.uri(path)).header("Authorization", "Bearer " + bearer);
      if (body != null) {
        request.header("Content-Type", "application/json");
      }
      return request.method(
          method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    }
  }

  /** Agents have no webapps; everybody else passes at both paths or at none. */
  private static String either(String one, String other) {
    Set<String> both = new TreeSet<>(List.of(one, other));
    if (both.equals(Set.of("agent", "nobody"))) {
      return "agent";
    }
    return both.size() == 1 ? one : one + ", but by the other path " + other;
  }

  private static Map<String, String> list() throws IOException {
    Map<String, String> list = new LinkedHashMap<>();
    for (String line : Files.readAllLines(LIST)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] parts = line.split("\\s*:\\s*", 2);
        assertThat(list.put(parts[0], parts[1])).as("%s is there twice", parts[0]).isNull();
      }
    }
    return list;
  }
}
