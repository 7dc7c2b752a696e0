package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.face.terminal.Terminal;
import io.belay.playground.Needs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.identity.User;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * The runbooks under {@code examples/}, deployed from their directories into a Belay with its
 * delivered models, and run to each of their ends.
 */
@WebTest
@OwnBelay
class ExamplesTest {

  private static final Path HELLO = Path.of("examples/hello");
  private static final Path CERTIFICATE = Path.of("examples/certificate");

  private static final Path TABLE = Path.of("examples/shop/processes/decisions/orders-gate.dmn");

  @TempDir static Path directory;
  private static NginxServers servers;

  @Autowired Caller caller;
  @Autowired IdentityService identity;

  @DynamicPropertySource
  static void examples(DynamicPropertyRegistry settings) throws IOException {
    Path environments = Files.createDirectories(directory.resolve("environments"));
    for (Path example : List.of(HELLO, CERTIFICATE)) {
      try (Stream<Path> files = Files.list(example.resolve("environments"))) {
        for (Path file : (Iterable<Path>) files::iterator) {
          Files.copy(file, environments.resolve(file.getFileName()));
        }
      }
    }
    settings.add("spring.datasource.url", () -> "jdbc:h2:mem:examples;DB_CLOSE_DELAY=-1");
    settings.add("belay.processes", () -> "");
    settings.add("belay.environments", environments::toString);
    for (Map.Entry<String, String> setting : NginxServers.settings(directory).entrySet()) {
      settings.add(setting.getKey(), setting::getValue);
    }
  }

  @BeforeAll
  static void startServers() throws Exception {
    clear();
    writeWatched();
    servers = NginxServers.areHere() ? NginxServers.start(directory) : null;
  }

  @AfterAll
  static void stopServers() throws Exception {
    if (servers != null) {
      servers.close();
    }
    clear();
  }

  /** Hello with a gate on numbers in place of the approval, and the table of the shop. */
  private static void writeWatched() throws IOException {
    Path watched = Files.createDirectories(directory.resolve("watched"));
    String model =
        Files.readString(HELLO.resolve("hello.bpmn"))
            .replace("process id=\"hello\"", "process id=\"watched\"")
            .replace("bpmnElement=\"hello\"", "bpmnElement=\"watched\"")
            .replace("Start hello", "Start watched")
            .replace("calledElement=\"approval\"", "calledElement=\"watch-numbers\"")
            .replaceAll(
                "<camunda:in sourceExpression=\"[^\"]*\" target=\"question\" />",
                "<camunda:in sourceExpression=\"paid = count greeting-check morning&#10;stuck ="
                    + " count greeting-check night\" target=\"numbers\" />")
            .replace(
                "<camunda:in source=\"approvalExpiry\" target=\"approvalExpiry\" />",
                "<camunda:in sourceExpression=\"orders-gate\" target=\"table\" />");
    Files.writeString(watched.resolve("watched.bpmn"), model);
    Files.copy(HELLO.resolve("start-hello.form"), watched.resolve("start-hello.form"));
    Files.copy(TABLE, watched.resolve("orders-gate.dmn"));
  }

  private static void clear() throws IOException {
    for (String file : List.of("greeting", "before", "new")) {
      Files.deleteIfExists(HELLO.resolve("state").resolve(file));
    }
    Files.deleteIfExists(HELLO.resolve("state"));
  }

  /** The terminal reads passwords from the environment only, so one that is there anyway serves. */
  @BeforeEach
  void deploy() {
    if (identity.createUserQuery().userId("tara").count() == 0) {
      User user = identity.newUser("tara");
      user.setPassword(System.getenv("PATH"));
      identity.saveUser(user);
      identity.createMembership("tara", "administrator");
    }
    for (Path example : List.of(HELLO, CERTIFICATE, directory.resolve("watched"))) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      int exit =
          Terminal.run(
              new PrintStream(out, true, StandardCharsets.UTF_8),
              "deploy",
              example.toString(),
              "--url=" + caller.uri(""),
              "--user=tara",
              "--password-env=PATH");
      assertThat(exit).as(out.toString(StandardCharsets.UTF_8)).isZero();
    }
  }

  @Test
  void hello_completes_whenAnApproverAgrees() throws IOException {
    writeGreeting("Good evening\n");
    String run = start("hello", "hello", "");
    answer(run, "go");

    caller.awaitStatus(run, "COMPLETED");
    assertThat(greeting()).isEqualTo("Good morning\n");
  }

  @Test
  void hello_isRolledBack_whenAnApproverRejects() throws IOException {
    writeGreeting("Good evening\n");
    String run = start("hello", "hello", "");
    answer(run, "no-go");

    caller.awaitStatus(run, "ROLLED_BACK");
    assertThat(greeting()).isEqualTo("Good evening\n");
  }

  @Test
  void hello_isRolledBack_whenItsCheckFails_andAbsentIsAbsentAgain() throws IOException {
    Files.deleteIfExists(HELLO.resolve("state/greeting"));
    String run = start("hello", "hello", ",\"expected\":\"is Good night\"");

    JsonNode end = caller.awaitStatus(run, "ROLLED_BACK");
    assertThat(end.path("reason").asText()).contains("Good night");
    assertThat(HELLO.resolve("state/greeting")).doesNotExist();
  }

  @Test
  void gateOnNumbers_judgesThoseThatTheRunbookNames() throws IOException {
    writeGreeting("Good evening\n");
    String run = start("watched", "hello", "");

    caller.awaitStatus(run, "COMPLETED");
    assertThat(caller.get("vera", "/api/runs/" + run).is(200).text())
        .contains("1 orders paid, 0 stuck");
  }

  @Test
  void certificate_isRotatedOnAllServers() throws Exception {
    Needs.that(servers != null, "nginx and openssl");
    servers.offer(NginxServers.GOOD);
    String run = start("certificate", "certificate", "");

    caller.awaitStatus(run, "COMPLETED");
    assertThat(servers.served()).allMatch(servers.offered()::equals);
  }

  @Test
  void certificate_thatClientsRefuse_isTakenBackFromEveryServer() throws Exception {
    Needs.that(servers != null, "nginx and openssl");
    List<String> before = servers.served();
    servers.offer(NginxServers.GOOD, NginxServers.GOOD, NginxServers.UNTRUSTED);
    String run = start("certificate", "certificate", "");

    caller.awaitStatus(run, "ROLLED_BACK");
    assertThat(servers.served()).isEqualTo(before);
    assertThat(servers.reloads()).allSatisfy(reloads -> assertThat(reloads).isEqualTo(2));
  }

  private String start(String runbook, String environment, String more) {
    return caller
        .post(
            "olga",
            "/api/runs",
            "{\"runbook\":\"%s\",\"parameters\":{\"environment\":\"%s\"%s}}"
                .formatted(runbook, environment, more))
        .is(201)
        .body()
        .path("id")
        .asText();
  }

  private void answer(String run, String decision) {
    caller.awaitStatus(run, "WAITING_FOR_PERSON");
    caller
        .post(
            "anna",
            "/api/tasks/" + caller.openTask(run) + "/complete",
            "{\"values\":{\"decision\":\"%s\",\"reason\":\"I looked at the greeting\"}}"
                .formatted(decision))
        .is(204);
  }

  private static void writeGreeting(String text) throws IOException {
    Files.createDirectories(HELLO.resolve("state"));
    Files.writeString(HELLO.resolve("state/greeting"), text);
  }

  private static String greeting() throws IOException {
    return Files.readString(HELLO.resolve("state/greeting"));
  }
}
