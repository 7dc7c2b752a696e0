package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.engine.law.AnswerRefused;
import io.belay.face.web.Caller.Answer;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.playground.Chromium;
import io.belay.playground.Needs;
import io.belay.target.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.camunda.bpm.engine.HistoryService;
import org.camunda.bpm.engine.OptimisticLockingException;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.TaskService;
import org.camunda.bpm.engine.history.HistoricVariableUpdate;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.chrome.ChromeDriver;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * People's work with its proof, through every door; each environment has a checklist of its own.
 */
@WebTest
@OwnBelay
class ManualWorkTest {

  private static final LawWorld WORLD = new LawWorld("manual-work");
  private static final String PASSWORD = "hunter22-of-the-cache";

  @Autowired Caller caller;
  @Autowired TaskService tasks;
  @Autowired HistoryService history;
  @Autowired Journal journal;
  @Autowired ProcessEngine engine;
  @Autowired TransactionTemplate transaction;

  private String run;

  @DynamicPropertySource
  static void models(DynamicPropertyRegistry properties) throws IOException {
    WORLD.copyAll(LawWorld.WEB, ".");
    for (String shared : List.of("phases/checklist.bpmn", "phases/undo-checklist.bpmn")) {
      WORLD.copy(LawWorld.DELIVERED.resolve(shared), "processes/" + shared);
    }
    for (String form : List.of("change-by-hand", "check-by-hand", "take-back-by-hand")) {
      String file = "forms/" + form + ".form";
      WORLD.copy(LawWorld.DELIVERED.resolve(file), "processes/" + file);
    }
    String all = "<camunda:in variables=\"all\" />";
    String list = "<camunda:in sourceExpression=\"list\" target=\"checklist\" />";
    WORLD.copy(
        LawWorld.WEB.resolve("processes/runbooks/web-test.bpmn"),
        "processes/runbooks/by-hand.bpmn",
        "\"web-test\"",
        "\"by-hand\"",
        "Start web-test",
        "Start by-hand",
        "calledElement=\"counting\"",
        "calledElement=\"checklist\"",
        "calledElement=\"undo-counting\"",
        "calledElement=\"undo-checklist\"",
        all + "<camunda:out source=\"outcome\" target=\"countingOutcome\" />",
        list + "<camunda:out source=\"outcome\" target=\"countingOutcome\" />",
        "businessKey=\"#{execution.processBusinessKey}\" />" + all + "</bpmn:extensionElements>",
        "businessKey=\"#{execution.processBusinessKey}\" />" + list + "</bpmn:extensionElements>");
    environment(
        "text",
        "{name: DNS, manual: Point here, rollback: Point back, due: 2h, checks: [Saved, TTL passed]}",
        "{name: Mail, manual: Write, rollback: Write again, proof: none, due: 1s}");
    environment(
        "file",
        "{name: Bank, manual: Call the bank, rollback: Call again, proof: file}",
        "{name: Fax, manual: Send a fax, rollback: Send another, proof: file}");
    WORLD.use(properties);
  }

  private static void environment(String name, String... steps) throws IOException {
    Path file = WORLD.directory().resolve("environments/" + name + ".yml");
    Path list = WORLD.directory().resolve(name + "-list.yml");
    Files.writeString(list, "steps:\n  - " + String.join("\n  - ", steps) + "\n");
    Files.writeString(
        file,
        """
        targets:
          list: {type: checklist, file: %s}
          cache: {type: redis, host: 127.0.0.1, port: 9, password: %s}
        """
            .formatted(list.toAbsolutePath(), PASSWORD));
  }

  @AfterEach
  void end() {
    caller.post("olga", "/api/runs/" + run + "/abort", "{\"reason\":\"over\"}").is(200);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              open()
                  .filter(task -> isTakeBack(task))
                  .ifPresent(
                      task ->
                          completeTask(
                              "olga",
                              task.at("/task/id").asText(),
                              "\"takenBack\":true,\"proof\":\"it is gone\""));
              return caller.get("vera", "/api/runs/" + run).body().path("status").asText();
            },
            "ROLLED_BACK"::equals);
  }

  private static boolean isTakeBack(JsonNode task) {
    return task.at("/task/activityId").asText().equals("Task_TakeBackByHand");
  }

  private void start(String environment) {
    run =
        caller
            .post(
                "olga",
                "/api/runs",
                "{\"runbook\":\"by-hand\",\"parameters\":{\"environment\":\"%s\"}}"
                    .formatted(environment))
            .is(201)
            .body()
            .path("id")
            .asText();
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
  }

  private Optional<JsonNode> open() {
    JsonNode tasks = caller.get("vera", "/api/tasks?run=" + run).is(200).body();
    return tasks.isEmpty() ? Optional.empty() : Optional.of(tasks.get(0));
  }

  private String task() {
    return open().orElseThrow().at("/task/id").asText();
  }

  private Answer complete(String user, String values) {
    return completeTask(user, task(), values);
  }

  private Answer completeTask(String user, String task, String values) {
    return caller.post(user, "/api/tasks/" + task + "/complete", "{\"values\":{" + values + "}}");
  }

  private Answer upload(String user, String task, byte[] content) {
    return upload(user, task, "shot.png", content);
  }

  private Answer upload(String user, String task, String name, byte[] content) {
    return caller.send(
        user,
        HttpRequest.newBuilder(
                caller.uri(
                    "/api/tasks/"
                        + task
                        + "/proof?name="
                        + URLEncoder.encode(name, StandardCharsets.UTF_8)))
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofByteArray(content)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private JsonNode artifacts() {
    return caller.get("vera", "/api/runs/" + run + "/artifacts").is(200).body();
  }

  private List<JournalEntry> answers() {
    return journal.entries(run, Kind.TASK_COMPLETED);
  }

  @Test
  void textAndEveryCheckBox_areDemanded_throughTheApiAndTheEngine() {
    start("text");
    String refusal = complete("olga", "\"done\":true,\"confirmed1\":true").is(422).text();
    assertThat(refusal)
        .contains("proof: is required", "confirmed2: must be confirmed")
        .doesNotContain("confirmed3", "file");
    assertThat(
            complete(
                    "olga",
                    "\"done\":true,\"confirmed1\":true,\"confirmed2\":false,\"proof\":\"ok\"")
                .is(422)
                .text())
        .contains("proof: must have at least 3", "confirmed2: must be confirmed");
    assertThat(
            complete(
                    "olga",
                    "\"done\":true,\"confirmed1\":true,\"confirmed2\":true,\"proof\":\""
                        + "x".repeat(2001)
                        + "\"")
                .is(422)
                .text())
        .contains("proof: must have at most 2000");
    Map<String, Object> nothing = Map.of("done", true, "confirmed1", true, "confirmed2", true);
    assertThatThrownBy(() -> tasks.complete(task(), nothing))
        .isInstanceOf(AnswerRefused.class)
        .hasMessageContaining("proof: is required");
    assertThatThrownBy(() -> tasks.complete(task(), with(nothing, "askedText", "")))
        .hasMessageContaining("askedText: is unknown where the run waits");

    complete(
            "olga",
            "\"done\":true,\"confirmed1\":true,\"confirmed2\":true,\"proof\":\""
                + "y".repeat(2000)
                + "\"")
        .is(204);
    assertThat(answers().get(0).payload().path("proof").asText()).hasSize(2000);
  }

  private static Map<String, Object> with(Map<String, Object> values, String name, Object value) {
    Map<String, Object> more = new HashMap<>(values);
    more.put(name, value);
    return more;
  }

  @Test
  void pastedText_isKeptWithWhoAndWhen_inItsLines_andWithoutKnownSecrets() {
    start("text");
    Instant before = Instant.now().minusSeconds(1);
    complete(
            "olga",
            "\"done\":true,\"confirmed1\":true,\"confirmed2\":true,"
                + "\"proof\":\"AUTH %s\\nPONG\"".formatted(PASSWORD))
        .is(204);

    JournalEntry answer = answers().get(0);
    assertThat(answer.payload().path("proof").asText()).isEqualTo("AUTH " + Secret.MASK + "\nPONG");
    assertThat(answer.actor()).isEqualTo("olga");
    assertThat(answer.at()).isBetween(before, Instant.now());
    assertThat(caller.get("vera", "/api/runs/" + run + "/report").is(200).text())
        .contains("PONG", "olga")
        .doesNotContain(PASSWORD);
    assertThat(caller.get("vera", "/runs/" + run + "/report").is(200).text())
        .contains("PONG")
        .doesNotContain(PASSWORD);
    Stream<Object> kept =
        Stream.concat(
            history.createHistoricDetailQuery().variableUpdates().list().stream()
                .map(update -> ((HistoricVariableUpdate) update).getValue()),
            history.createHistoricVariableInstanceQuery().list().stream().map(v -> v.getValue()));
    assertThat(kept.map(String::valueOf))
        .anyMatch(value -> value.contains("PONG"))
        .noneMatch(value -> value.contains(PASSWORD));
  }

  @Test
  void dueTime_isShown_andDecidesNothing() {
    start("text");
    JsonNode first = open().orElseThrow().path("task");
    assertThat(Instant.parse(first.path("due").asText()))
        .isBetween(Instant.now().plusSeconds(7000), Instant.now().plusSeconds(7300));
    assertThat(first.path("overdue").asBoolean()).isFalse();
    assertThat(caller.get("vera", "/runs/" + run).is(200).text())
        .contains("due <time")
        .doesNotContain("overdue since");
    complete("olga", "\"done\":true,\"confirmed1\":true,\"confirmed2\":true,\"proof\":\"seen\"")
        .is(204);

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> open().map(task -> task.at("/task/overdue").asBoolean()).orElse(false));
    assertThat(caller.get("vera", "/runs/" + run).is(200).text()).contains("overdue since");
    assertThat(
            caller
                .get("vera", "/api/runs/" + run)
                .is(200)
                .body()
                .at("/tasks/0/overdue")
                .asBoolean())
        .isTrue();
    complete("olga", "\"done\":true").is(204);
    assertThat(caller.awaitStatus(run, "WAITING_FOR_PERSON").path("phases").toString())
        .contains("passed");
  }

  @Test
  void task_isNotCompletedWithoutItsFile_andTheFileBelongsToTheRun() throws IOException {
    start("file");
    assertThat(complete("olga", "\"done\":true").is(422).text())
        .contains("file: is required: upload the file first");
    assertThat(complete("olga", "\"done\":true,\"file\":\"x\"").is(422).text())
        .contains("file: is unknown");
    String forged = run + "/proof-of-another";
    assertThatThrownBy(() -> tasks.complete(task(), Map.of("done", true, "file", forged)))
        .isInstanceOf(AnswerRefused.class)
        .hasMessageContaining("file: is set by the upload");

    byte[] content = bytes("<script>alert(1)</script>");
    JsonNode kept = upload("olga", task(), "../../etc/<b>x</b>.html", content).is(200).body();
    String sha256 = kept.at("/details/contentSha256").asText();
    assertThat(sha256).isEqualTo(HexFormat.of().formatHex(sha256(content)));
    assertThat(kept.path("name").asText())
        .matches("proof-[0-9a-f-]{36}-" + sha256.substring(0, 16));
    assertThat(kept.at("/details/fileName").asText()).isEqualTo("../../etc/<b>x</b>.html");
    assertThat(artifacts()).hasSize(1);
    assertThat(open().orElseThrow().at("/form/elements").toString())
        .contains("\"type\":\"file\"", kept.path("id").asText());
    try (Stream<Path> files = Files.walk(WORLD.directory().resolve("artifacts"))) {
      assertThat(files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()))
          .noneMatch(file -> file.contains(".html"))
          .contains(kept.path("name").asText());
    }
    assertThat(caller.get("vera", "/runs/" + run).is(200).text())
        .contains(
            "&lt;b&gt;x&lt;/b&gt;.html", "by olga for Change by hand", sha256.substring(0, 16))
        .doesNotContain("<b>x</b>");
    assertThat(caller.get("vera", "/runs/" + run + "/report").is(200).text())
        .contains(sha256)
        .doesNotContain("<b>x</b>");

    String address = "/api/runs/" + run + "/artifacts/" + kept.path("name").asText();
    Answer file = caller.get("olga", address).is(200);
    assertThat(file.text()).isEqualTo("<script>alert(1)</script>");
    assertThat(file.type()).isEqualTo("application/octet-stream");
    assertThat(file.raw().headers().firstValue("Content-Disposition").orElse(""))
        .startsWith("attachment; filename")
        .doesNotContain("html");
    assertThat(file.raw().headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    caller.get("vera", address).is(403);

    complete("olga", "\"done\":true").is(204);
    assertThat(answers().get(0).payload().path("file").asText())
        .isEqualTo(kept.path("id").asText());
    assertThat(
            history
                .createHistoricVariableInstanceQuery()
                .variableValueEquals("file", kept.path("id").asText())
                .count())
        .isEqualTo(1);
    await().until(() -> open().isPresent());
    assertThat(complete("olga", "\"done\":true").is(422).text())
        .as("the next item in the same loop")
        .contains("file: is required");
  }

  private static byte[] sha256(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({"vera, 403", "anna, 403", "adam, 403", "sam, 403"})
  void whoeverMayNotCompleteTheTask_uploadsNothing(String user, int status) {
    start("file");
    upload(user, task(), bytes("x")).is(status);
    upload(null, task(), bytes("x")).is(401);
    assertThat(artifacts()).isEmpty();
    upload("omar", task(), bytes("x")).is(200);
  }

  @Test
  void holder_uploads_andNobodyElseMeanwhile() {
    start("file");
    tasks.setAssignee(task(), "omar");
    assertThat(upload("olga", task(), bytes("x")).is(403).text()).contains("omar holds task");
    upload("omar", task(), bytes("x")).is(200);
  }

  @Test
  void taskThatAsksForNoFile_takesNone() {
    start("text");
    assertThat(upload("olga", task(), bytes("x")).is(422).text()).contains("asks for no file");
    assertThat(upload("olga", "nothing", bytes("x")).is(409).text()).contains("is not open");
    assertThat(artifacts()).isEmpty();
  }

  @Test
  void uploadOfAnotherShape_isRefused_andNothingIsKept() {
    start("file");
    upload("olga", task(), new byte[0]).is(400);
    upload("olga", task(), "", bytes("x")).is(400);
    upload("olga", task(), "a\nb", bytes("x")).is(400);
    upload("olga", task(), "a".repeat(201), bytes("x")).is(400);
    caller
        .send(
            "olga",
            HttpRequest.newBuilder(caller.uri("/api/tasks/" + task() + "/proof?name=x"))
                .header("Content-Type", "text/html")
                .PUT(BodyPublishers.ofString("x")))
        .is(415);
    upload("olga", task(), new byte[8 * 1024 * 1024 + 1]).is(413);
    caller
        .send(
            "olga",
            HttpRequest.newBuilder(caller.uri("/api/tasks/" + task() + "/proof?name=x"))
                .header("Content-Type", "application/octet-stream")
                .PUT(
                    BodyPublishers.ofInputStream( // chunked: its length is not known before
                        () -> new ByteArrayInputStream(new byte[8 * 1024 * 1024 + 1]))))
        .is(413);
    assertThat(artifacts()).isEmpty();
    assertThat(journal.entries(run, Kind.ARTIFACT)).isEmpty();
    upload("olga", task(), new byte[8 * 1024 * 1024]).is(200);
  }

  @Test
  void uploadThatBreaksOff_leavesNothing() throws IOException {
    start("file");
    String credentials = Base64.getEncoder().encodeToString(bytes("olga:olga"));
    try (Socket socket = new Socket(RawRequest.HERE, caller.uri("/").getPort())) {
      socket
          .getOutputStream()
          .write(
              bytes(
                  String.join(
                      "\r\n",
                      "PUT /api/tasks/%s/proof?name=x HTTP/1.1".formatted(task()),
                      "Host: localhost",
                      "Authorization: Basic " + credentials,
                      "Content-Type: application/octet-stream",
                      "Content-Length: 100000",
                      "",
                      "half of it")));
      socket.getOutputStream().flush();
      socket.shutdownOutput();
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .doesNotStartWith("HTTP/1.1 200");
    }
    assertThat(artifacts()).isEmpty();
    assertThat(complete("olga", "\"done\":true").is(422).text()).contains("file: is required");
  }

  @Test
  void laterFileCounts_theSameContentIsOneArtifact_andThereIsAnEnd() {
    start("file");
    String first = upload("olga", task(), bytes("1")).is(200).body().path("id").asText();
    String second = upload("olga", task(), bytes("2")).is(200).body().path("id").asText();
    assertThat(upload("olga", task(), bytes("1")).is(200).body().path("id").asText())
        .isEqualTo(first)
        .isNotEqualTo(second);
    assertThat(artifacts()).hasSize(2);
    for (int i = 3; i < 20; i++) {
      upload("olga", task(), bytes("2")).is(200);
    }
    assertThat(upload("olga", task(), bytes("21")).is(422).text())
        .contains("file: was uploaded 20");
    complete("olga", "\"done\":true").is(204);
    assertThat(answers().get(0).payload().path("file").asText()).isEqualTo(second);
  }

  @Test
  void fileThatComesAsTheTaskIsCompleted_isPartOfTheAnswer_orRefused() {
    start("file");
    String task = task();
    upload("olga", task, bytes("before")).is(200);
    List<CompletableFuture<Integer>> late = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      byte[] content = bytes("late " + i);
      late.add(CompletableFuture.supplyAsync(() -> upload("omar", task, content).status()));
    }
    completeTask("olga", task, "\"done\":true").is(204);

    List<Integer> statuses = late.stream().map(CompletableFuture::join).toList();
    assertThat(statuses).allMatch(status -> status == 200 || status == 409);
    upload("olga", task, bytes("after")).is(409);
    long kept = statuses.stream().filter(status -> status == 200).count();
    List<JournalEntry> uploads = journal.entries(run, Kind.ARTIFACT);
    assertThat(uploads).hasSize((int) kept + 1).hasSameSizeAs(artifacts());
    JournalEntry answer = answers().get(0);
    assertThat(uploads.get(uploads.size() - 1).id()).isLessThan(answer.id());
    assertThat(answer.payload().path("file").asText())
        .isEqualTo(uploads.get(uploads.size() - 1).text());
  }

  @Test
  void fileThatComesWhileTheAnswerIsWritten_isRefused() {
    start("file");
    String task = task();
    upload("olga", task, bytes("before")).is(200);
    CompletableFuture<Answer> late =
        transaction.execute(
            status -> {
              tasks.complete(task, Map.of("done", true)); // written, but not committed
              var upload = CompletableFuture.supplyAsync(() -> upload("omar", task, bytes("late")));
              assertThatThrownBy(() -> upload.get(500, TimeUnit.MILLISECONDS))
                  .isInstanceOf(TimeoutException.class);
              return upload;
            });
    late.join().is(409);
    assertThat(artifacts()).hasSize(1);
  }

  @Test
  void answerThatHasNotSeenTheLastFile_isNotTaken() {
    start("file");
    String task = task();
    upload("olga", task, bytes("seen")).is(200);
    var commands =
        ((ProcessEngineConfigurationImpl) engine.getProcessEngineConfiguration())
            .getCommandExecutorTxRequired();
    assertThatThrownBy(
            () ->
                commands.execute(
                    context -> {
                      tasks.complete(task, Map.of("done", true)); // decided, but not written
                      return CompletableFuture.supplyAsync(
                              () -> upload("omar", task, bytes("later")).is(200))
                          .join();
                    }))
        .isInstanceOf(OptimisticLockingException.class);
    assertThat(answers()).isEmpty();

    completeTask("olga", task, "\"done\":true").is(204);
    assertThat(answers().get(0).payload().path("file").asText())
        .isEqualTo(artifacts().get(1).path("id").asText());
  }

  @Test
  void personOnTheRunPage_choosesTheFile_andCompletesTheTask() throws IOException {
    Needs.that(Chromium.isHere(), "Debian's packages chromium and chromium-driver");
    start("file");
    Path shot = Files.writeString(WORLD.directory().resolve("it's done.txt"), "seen");
    ChromeDriver browser = Chromium.open(1400, 1000);
    try {
      browser.get(caller.uri("/login").toString());
      browser.findElement(By.id("username")).sendKeys("olga");
      browser.findElement(By.id("password")).sendKeys("olga");
      browser.findElement(By.cssSelector("button[type=submit]")).click();
      browser.get(caller.uri("/runs/" + run).toString());
      String first = task();
      String form = "[data-task='%s'] ".formatted(first);
      browser
          .findElement(By.cssSelector(form + "input[type=file]"))
          .sendKeys(shot.toAbsolutePath().toString());
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreException(StaleElementReferenceException.class)
          .until(
              () -> browser.findElement(By.cssSelector(form + "output")).getText(),
              text -> text.startsWith("uploaded: it's done.txt, SHA-256 "));
      browser.findElement(By.cssSelector(form + "input[type=checkbox]")).click();
      browser.findElement(By.cssSelector(form + "button[type=submit]")).click();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> open().map(task -> task.at("/task/id").asText()).orElse(first),
              next -> !next.equals(first));
    } finally {
      browser.quit();
    }
    assertThat(artifacts().get(0).at("/details/fileName").asText()).isEqualTo("it's done.txt");
    assertThat(answers().get(0).payload().path("file").asText())
        .isEqualTo(artifacts().get(0).path("id").asText());
  }
}
