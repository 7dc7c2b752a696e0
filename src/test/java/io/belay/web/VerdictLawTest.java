package io.belay.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A phase that asks an old verdict: the command passes, the endpoints do not answer. */
@WebTest
@Tag(OwnJvm.TAG)
@Import(WithoutLint.class)
class VerdictLawTest {

  private static final HttpServer SERVER = LawWorld.serve();
  private static final LawWorld WORLD = new LawWorld("verdict-law");

  @Autowired Caller caller;

  @DynamicPropertySource
  static void models(DynamicPropertyRegistry properties) throws IOException {
    WORLD.copyAll(LawWorld.WEB, ".");
    WORLD.copy(
        LawWorld.CASES.resolve("stale-verdict.bpmn"), "processes/phases/rotate-certificate-2.bpmn");
    WORLD.copy(
        LawWorld.WEB.resolve("processes/phases/undo-counting.bpmn"),
        "processes/phases/undo-counting.bpmn",
        "camunda:topic=\"countBack\"",
        "camunda:topic=\"stopService\"",
        "<camunda:inputParameter name=\"fail\">${failUndo}<",
        "<camunda:inputParameter name=\"service\">certificate-2<");
    WORLD.copy(
        LawWorld.WEB.resolve("processes/runbooks/web-test.bpmn"),
        "processes/runbooks/web-test.bpmn",
        "calledElement=\"counting\"",
        "calledElement=\"rotate-certificate-2\"");
    Files.writeString(
        WORLD.directory().resolve("environments/test.yml"),
        """
        targets:
          certificate-2:
            type: service
            url: http://127.0.0.1:%d
            endpoints: [/handshake]
            start: {arguments: [touch, %2$s]}
            stop: {arguments: [rm, -f, %2$s]}
            running: {arguments: [test, -e, %2$s]}
          check-2:
            type: command
            run: {arguments: ['true']}
        """
            .formatted(SERVER.getAddress().getPort(), installed()));
    WORLD.use(properties);
  }

  @AfterAll
  static void stop() {
    SERVER.stop(0);
  }

  @Test
  void phaseWhoseLastCheckFailed_hasFailed_whateverVerdictItsGatewayRead() {
    String run = caller.start("");

    JsonNode view = caller.awaitStatus(run, "ROLLED_BACK", "WAITING_FOR_PERSON", "INCIDENT");

    assertThat(view.path("status").asText()).isEqualTo("ROLLED_BACK");
    assertThat(view.path("reason").asText())
        .contains("ended as passed, but 'Probe endpoints' said FAIL last", "/handshake");
    assertThat(installed()).doesNotExist();
  }

  private static Path installed() {
    return WORLD.directory().resolve("installed").toAbsolutePath();
  }
}
