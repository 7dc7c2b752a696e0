package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.face.web.Caller.Answer;
import io.belay.target.Environments;
import io.belay.target.Leases;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.util.FileSystemUtils;

/** The migration interface over HTTP; the runbooks behind it are small ones of the test's own. */
@WebTest
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class MigrationApiTest {

  private static final Path STORE = Path.of("target/web-test-store");

  @Autowired Caller caller;
  @Autowired Environments environments;
  @Autowired Leases leases;

  private String token;
  private String run;

  @BeforeEach
  void prepare() throws IOException {
    FileSystemUtils.deleteRecursively(STORE);
    Files.createDirectories(STORE);
    write("admin-users.db", "{'_id':'root','level':1}");
    write(
        "users.db",
        "{'_id':'user123','name':'Ann','age':30}",
        "{'_id':'b','name':'Bob','age':20,'since':{'$$date':1700000000000}}");
    write("events.db", "{'_id':'e','status':'active'}");
    token = caller.token("adam");
  }

  @AfterEach
  void endRun() throws IOException {
    if (run != null) {
      caller.end(run);
    }
    FileSystemUtils.deleteRecursively(STORE);
  }

  private static void write(String file, String... lines) throws IOException {
    Files.writeString(STORE.resolve(file), String.join("\n", lines).replace('\'', '"') + "\n");
  }

  private static void migrated() throws IOException {
    write("admin.db", "{'_collection':'admin-users','_id':'root','level':1}");
    write(
        "application.db",
        "{'_collection':'users','_id':'user123','name':'Ann','age':30}",
        "{'_collection':'users','_id':'b','name':'Bob','age':20,'since':{'$$date':1700000000000}}",
        "{'_collection':'events','_id':'e','status':'active'}");
  }

  private Answer call(String method, String path, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(caller.uri("/api/migration" + path))
            .header("Authorization", "Bearer " + token);
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    return caller.send(
        null,
        request.method(
            method,
            body == null
                ? BodyPublishers.noBody()
                : BodyPublishers.ofString(body.replace('\'', '"'))));
  }

  private Answer get(String path) {
    return call("GET", path, null);
  }

  private Answer post(String path) {
    return call("POST", path, null);
  }

  private List<String> calls(String user) {
    List<String> texts = new java.util.ArrayList<>();
    get("/logs?kind=CALL&limit=1000&user=" + user.replace(" ", "%20"))
        .is(200)
        .body()
        .path("entries")
        .forEach(entry -> texts.add(entry.path("text").asText()));
    return texts;
  }

  @Test
  void plan_readsTheStore_andSaysWhatIsThere() {
    JsonNode plan = get("/plan").is(200).body();
    assertThat(plan.path("documents").asInt()).isEqualTo(4);
    assertThat(plan.path("collections")).hasSize(3);
    assertThat(plan.has("ready")).isTrue();
  }

  @Test
  void guidesLines_startAndRollBack_withoutABody() {
    Answer started = post("/start").is(202);
    run = started.body().path("id").asText();
    assertThat(started.raw().headers().firstValue("Location")).contains("/api/runs/" + run);
    assertThat(started.body().path("startedBy").asText()).isEqualTo("adam");
    assertThat(started.body().path("runbook").asText()).isEqualTo("two-database-rolling");
    assertThat(started.body().path("environment").asText()).isEqualTo("store");

    JsonNode progress = get("/progress").is(200).body();
    assertThat(progress.at("/run/id").asText()).isEqualTo(run);
    assertThat(progress.path("percentage").isNumber()).isTrue();
    assertThat(progress.path("paused").asBoolean()).isFalse();
    assertThat(get("/status").is(200).body().at("/lastRun/id").asText()).isEqualTo(run);

    assertThat(call("POST", "/start", "{'name':'another'}").is(409).text()).contains("Run '");
    assertThat(post("/snapshot").is(409).text()).contains("is held by run");
    assertThat(call("POST", "/rollback", "{'snapshot':'x'}").is(409).text())
        .contains("Roll it back first");
    leases.acquire(environments.load("store"), List.of("document-store"), "other", "another run");
    try {
      assertThat(call("PUT", "/mode", "{'mode':'hybrid'}").is(409).text())
          .contains("is held by run");
    } finally {
      leases.release("other");
    }

    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    post("/rollback").is(202);
    JsonNode end = caller.awaitStatus(run, "ROLLED_BACK");
    assertThat(end.path("reason").asText()).contains("adam", "rollback by POST");

    Answer again = post("/rollback").is(200);
    assertThat(again.body().path("id").asText()).isEqualTo(run);
    assertThat(again.body().path("status").asText()).isEqualTo("ROLLED_BACK");
    assertThat(get("/status").is(200).body().at("/lastRun/id").asText()).isEqualTo(run);

    List<String> calls = calls("adam");
    assertThat(calls)
        .contains(
            "POST /api/migration/start: 202",
            "POST /api/migration/start: 409",
            "POST /api/migration/rollback: 202",
            "POST /api/migration/rollback: 409",
            "PUT /api/migration/mode: 409");
    assertThat(get("/logs?run=" + run + "&kind=ABORT_REQUESTED&user=adam").body().path("entries"))
        .hasSize(1);
    assertThat(get("/logs?run=" + run + "&user=olga").body().path("entries")).isEmpty();
  }

  @Test
  void pause_isAskedFor_withdrawn_andReached_andStartLetsItGoOn() throws IOException {
    run =
        call("POST", "/start", "{'parameters':{'count':1000,'pause':'50ms'}}")
            .is(202)
            .body()
            .path("id")
            .asText();
    Path pause = STORE.resolve(".belay/pause.json");
    post("/start").is(409);
    assertThat(post("/stop").is(202).body().path("pausing").asBoolean()).isTrue();
    post("/stop").is(202);
    assertThat(pause).exists();
    assertThat(post("/start").is(202).body().path("id").asText()).isEqualTo(run);
    assertThat(pause).doesNotExist();
    post("/rollback").is(202);
    caller.awaitStatus(run, "ROLLED_BACK");

    run = post("/start").is(202).body().path("id").asText();
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    JsonNode progress = get("/progress").is(200).body();
    assertThat(progress.path("paused").asBoolean()).isTrue();
    assertThat(progress.path("step").asText()).isEqualTo("paused");
    assertThat(call("POST", "/start", "{'parameters':{'count':2}}").is(409).text())
        .contains("goes on as it was started");
    assertThat(post("/start").is(202).body().path("id").asText()).isEqualTo(run);
    caller.awaitStatus(run, "COMPLETED");
    assertThat(get("/logs?run=" + run + "&kind=RESUME_REQUESTED&user=adam").body().path("entries"))
        .hasSize(1);
  }

  @Test
  void parameters_areChecked_byName() {
    assertThat(call("POST", "/start", "{'parameters':{'count':0,'nonsense':1}}").is(422).text())
        .contains("count", "nonsense");
    assertThat(call("POST", "/start", "{'parameter':{}}").is(400).text()).contains("parameter");
    Answer started = call("POST", "/start", "{'name':'My move','parameters':{'count':2}}").is(202);
    run = started.body().path("id").asText();
    assertThat(started.body().path("name").asText()).isEqualTo("My move");
  }

  @Test
  void progress_isStreamed_withTheRunsEvents_andEndsWithIt() {
    run = post("/start").is(202).body().path("id").asText();
    CompletableFuture<String> stream =
        HttpClient.newHttpClient()
            .sendAsync(
                HttpRequest.newBuilder(caller.uri("/api/migration/progress"))
                    .header("Authorization", "Bearer " + token)
                    .header("Accept", "text/event-stream")
                    .build(),
                BodyHandlers.ofString())
            .thenApply(answer -> answer.body());
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    post("/rollback").is(202);
    caller.awaitStatus(run, "ROLLED_BACK");
    assertThat(stream.orTimeout(30, TimeUnit.SECONDS).join())
        .contains("event:journal", "event:status", "event:end", "ROLLED_BACK");
  }

  @Test
  void snapshot_isARun() {
    Answer started = post("/snapshot").is(202);
    run = started.body().path("id").asText();
    assertThat(started.body().path("runbook").asText()).isEqualTo("document-snapshot");
  }

  @Test
  void whatIsNotPossible_isRefused_andSaysWhy() {
    assertThat(post("/stop").is(409).text()).contains("nothing to pause");
    assertThat(call("POST", "/rollback", "{'snapshot':'x'}").is(404).text()).contains("'x'");
    assertThat(get("/status?environment=none").is(404).text()).contains("none");
    assertThat(get("/status?environment=test").is(404).text()).contains("document-store");
    assertThat(get("/logs?run=none").is(404).text()).contains("none");
    get("/logs?kind=NONSENSE").is(400);
    get("/logs?limit=0").is(400);
    post("/validate?slowdownLimit=0.5").is(400);
    assertThat(calls("adam"))
        .contains("POST /api/migration/stop: 409", "POST /api/migration/rollback: 404");
  }

  @Test
  void status_tellsBothSides() throws IOException {
    JsonNode status = get("/status").is(200).body();
    assertThat(status.at("/mode/mode").asText()).isEqualTo("legacy");
    assertThat(status.at("/legacy/healthy").asBoolean()).isTrue();
    assertThat(status.at("/legacy/records/users").asInt()).isEqualTo(2);
    assertThat(status.at("/new/healthy").asBoolean()).isFalse();
    assertThat(status.at("/new/problems").toString()).contains("admin.db is missing");
    migrated();
    status = get("/status").is(200).body();
    assertThat(status.at("/new/healthy").asBoolean()).isTrue();
    assertThat(status.at("/new/records/users").asInt()).isEqualTo(2);
    assertThat(status.path("lateWrites").isArray()).isTrue();
    assertThat(status.path("lateWrites")).isEmpty();
  }

  @Test
  void mode_isSet_keptAndJournalled_andRefusedWhereNobodyCouldAnswer() throws IOException {
    assertThat(get("/mode").is(200).body().path("mode").asText()).isEqualTo("legacy");
    assertThat(call("PUT", "/mode", "{'mode':'new'}").is(422).text())
        .contains("admin.db is missing");
    call("PUT", "/mode", "{'mode':'sideways'}").is(400);
    call("PUT", "/mode", "{}").is(400);
    JsonNode set = call("PUT", "/mode", "{'mode':'hybrid','fallback':true}").is(200).body();
    assertThat(set.path("mode").asText()).isEqualTo("hybrid");
    assertThat(set.path("by").asText()).isEqualTo("adam");
    assertThat(get("/query/users?id=user123").body().path("side").asText()).isEqualTo("legacy");
    migrated();
    assertThat(get("/query/users?id=user123").body().path("side").asText()).isEqualTo("new");
    call("PUT", "/mode", "{'mode':'new'}").is(200);
    assertThat(get("/logs?kind=QUERY_MODE&user=adam&limit=2").body().path("entries")).hasSize(2);
  }

  @Test
  void queries_areAnsweredAsTheLibraryWould() {
    JsonNode one = get("/query/users?id=user123").is(200).body();
    assertThat(one.at("/document/name").asText()).isEqualTo("Ann");
    assertThat(get("/query/users?id=nobody").is(404).text()).contains("users");
    get("/query/users").is(400);
    assertThat(get("/query/nothing?id=a").is(404).text()).contains("nothing", "users");

    assertThat(names("{}")).containsExactly("Bob", "Ann");
    assertThat(names("{'query':{'age':{'$gt':25}}}")).containsExactly("Ann");
    assertThat(names("{'query':{'since':{'$lt':{'$$date':1800000000000}}}}"))
        .containsExactly("Bob");
    assertThat(names("{'sort':{'age':-1},'limit':1,'projection':{'name':1,'_id':0}}"))
        .containsExactly("Ann");
    assertThat(
            call("POST", "/query/users/count", "{'query':{'name':{'$regex':'^A'}}}")
                .is(200)
                .body()
                .path("count")
                .asInt())
        .isEqualTo(1);
    JsonNode refused = call("POST", "/query/users", "{'query':{'age':{'$in':5}}}").is(400).body();
    assertThat(refused.at("/problems/0/field").asText()).isEqualTo("query.age.$in");
    call("POST", "/query/users", "{'query':").is(400);
    assertThat(get("/status").body().at("/queries/queries").asInt()).isPositive();
  }

  private List<String> names(String request) {
    List<String> names = new java.util.ArrayList<>();
    call("POST", "/query/users", request)
        .is(200)
        .body()
        .path("documents")
        .forEach(document -> names.add(document.path("name").asText()));
    return names;
  }

  @Test
  void missingFile_isAnAnswerOfItsOwn_withoutThePath() throws IOException {
    Files.delete(STORE.resolve("users.db"));
    Answer failed = get("/query/users?id=a").is(503);
    assertThat(failed.text()).contains("users.db is missing").doesNotContain("target");
  }

  @Test
  void looks_areJournalledOnce_andThenCounted() {
    get("/query/events?id=e").is(200);
    get("/query/events?id=e").is(200);
    get("/query/events?id=e").is(200);
    assertThat(
            calls("adam").stream()
                .filter(call -> call.startsWith("GET /api/migration/query/events: 200"))
                .collect(Collectors.counting()))
        .isEqualTo(1);
  }

  @Test
  void refusedCalls_areJournalled_withWhoWasRefused() {
    caller.send("vera", request("/start").POST(BodyPublishers.noBody())).is(403);
    caller.send(null, request("/rollback").POST(BodyPublishers.noBody())).is(401);
    caller.send(null, request("/made-up?x=1").GET()).is(401);
    caller.send(null, request("/status").header("Authorization", "Bearer x.y.z").GET()).is(401);

    assertThat(calls("vera")).contains("POST /api/migration/start: 403");
    assertThat(calls("anonymous, 127.0.0.1"))
        .contains(
            "POST /api/migration/rollback: 401",
            "GET /api/migration/…: 401",
            "GET /api/migration/status: 401");
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(caller.uri("/api/migration" + path));
  }

  @Test
  void administratorsSession_mayDoTheSame_andOnlyWithTheTokenAgainstForgery() throws Exception {
    Session session = new Session(caller);
    session.login("adam", "adam");
    for (String path : List.of("/plan", "/status", "/mode", "/logs", "/query/users?id=user123")) {
      assertThat(session.get("/api/migration" + path).statusCode()).as(path).isEqualTo(200);
    }
    assertThat(session.post("/api/migration/validate", false).statusCode()).isEqualTo(403);
    assertThat(session.post("/api/migration/validate", true).statusCode()).isEqualTo(200);
    assertThat(session.post("/api/migration/stop", true).statusCode()).isEqualTo(409);
    var started = session.post("/api/migration/start", true);
    assertThat(started.statusCode()).as(started.body()).isEqualTo(202);
    run =
        session
            .get("/api/migration/progress")
            .body()
            .replaceAll("(?s).*?\"id\":\"([^\"]+)\".*", "$1");
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    assertThat(session.post("/api/migration/rollback", true).statusCode()).isEqualTo(202);
    caller.awaitStatus(run, "ROLLED_BACK");

    assertThat(calls("adam"))
        .contains("POST /api/migration/validate: 403", "POST /api/migration/validate: 200");
    Session operator = new Session(caller);
    operator.login("olga", "olga");
    assertThat(operator.get("/api/migration/status").statusCode()).isEqualTo(403);
    assertThat(operator.post("/api/migration/start", true).statusCode()).isEqualTo(403);
    assertThat(calls("olga")).contains("POST /api/migration/start: 403");
  }

  @Test
  void password_isEnough() {
    for (String path : List.of("/plan", "/status", "/mode", "/logs")) {
      caller.get("adam", "/api/migration" + path).is(200);
    }
    caller.post("adam", "/api/migration/validate", "").is(200);
  }
}
