package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.face.web.Caller.Answer;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.JdbcTemplate;

/** Models that anybody sends through the engine's own interface: refused whole, what ran stays. */
@WebTest
class UploadedModelsTest {

  private static final String COUNTING = "phases/counting.bpmn";
  private static final String TO = "<camunda:inputOutput><camunda:inputParameter name=\"to\">";
  private static final String TOPIC = "camunda:type=\"external\" camunda:topic=\"countSlowly\"";

  @Autowired Caller caller;
  @Autowired RepositoryService repository;
  @Autowired JdbcTemplate jdbc;
  @Autowired ProcessEngineConfigurationImpl engine;

  /** What is replaced in the phase, by what, and what the refusal says. */
  static Stream<Arguments> harmful() {
    return Stream.of(
        Arguments.of(
            "script in a listener",
            TO,
            "<camunda:executionListener event=\"start\"><camunda:script scriptFormat=\"groovy\">"
                + "\"id\".execute()</camunda:script></camunda:executionListener>"
                + TO,
            "listeners are refused"),
        Arguments.of(
            "script as an input",
            TO,
            "<camunda:inputOutput><camunda:inputParameter name=\"evil\"><camunda:script"
                + " scriptFormat=\"javascript\">1</camunda:script></camunda:inputParameter>"
                + "<camunda:inputParameter name=\"to\">",
            "script"),
        Arguments.of(
            "listener by class",
            TO,
            "<camunda:executionListener class=\"java.lang.Runtime\" event=\"start\"/>" + TO,
            "listeners are refused"),
        Arguments.of(
            "foreign bean", TOPIC, "camunda:delegateExpression=\"${dataSource}\"", "dataSource"),
        Arguments.of(
            "method of a bean",
            TOPIC,
            "camunda:delegateExpression=\"${runControl.abort('x','y','z')}\"",
            "runControl"),
        Arguments.of("class", TOPIC, "camunda:class=\"java.lang.ProcessBuilder\"", "class"),
        Arguments.of(
            "expression", TOPIC, "camunda:expression=\"${''.getClass()}\"", "camunda:expression"),
        Arguments.of("unknown step", "countSlowly", "countWildly", "countWildly"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("harmful")
  void harmfulModel_isRefused_namingFileAndReason(
      String what, String old, String replacement, String reason) throws Exception {
    Map<String, byte[]> models = models();
    String phase = new String(models.get(COUNTING), StandardCharsets.UTF_8);
    assertThat(phase).contains(old);
    models.put(COUNTING, phase.replace(old, replacement).getBytes(StandardCharsets.UTF_8));
    isRefused(models, COUNTING, reason);
  }

  static Stream<Arguments> files() {
    String head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    String deep = head + "<a>".repeat(1_500_000) + "</a>".repeat(1_500_000);
    return Stream.of(
        Arguments.of(
            "external entity",
            COUNTING,
            head
                + "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><definitions>&x;</definitions>",
            "DOCTYPE"),
        Arguments.of(
            "external entity in a table",
            "decisions/counting-gate.dmn",
            head + "<!DOCTYPE d SYSTEM \"http://127.0.0.1:1/evil.dtd\"><definitions/>",
            "DOCTYPE"),
        Arguments.of("ten megabytes of nesting", COUNTING, deep, "bytes, more than 2000000"),
        Arguments.of(
            "deep nesting",
            COUNTING,
            head + "<a>".repeat(100_000) + "</a>".repeat(100_000),
            "deeper than 200 levels"),
        Arguments.of(
            "deep form",
            "forms/decide.form",
            "{\"components\":[".repeat(100_000) + "]}".repeat(100_000),
            "forms/decide.form"),
        Arguments.of("program", "phases/evil.groovy", "'id'.execute()", "no known kind of file"),
        Arguments.of("path", "../../evil.bpmn", head + "<a/>", "no known kind of file"),
        Arguments.of("no XML", COUNTING, "\u0000\u0001 no model", "cannot be read"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void harmfulFile_isRefused_namingFileAndReason(
      String what, String file, String content, String reason) throws Exception {
    Map<String, byte[]> models = models();
    models.put(file, content.getBytes(StandardCharsets.UTF_8));
    isRefused(models, file.substring(file.lastIndexOf('/') + 1), reason);
  }

  @Test
  void uploadWithoutEnd_isRefusedBeforeItIsRead() {
    assertThat(
            upload(Map.of(COUNTING, new byte[17 * 1024 * 1024]))
                .is(413)
                .body()
                .path("detail")
                .asText())
        .isEqualTo("The body has more than 16777216 bytes.");
  }

  @Test
  void modelChangedInTheDatabase_isNotFollowed() throws Exception {
    String row =
        " WHERE name_ = 'phases/counting.bpmn' AND deployment_id_ = (SELECT deployment_id_ FROM act_re_procdef"
            + " WHERE key_ = 'counting' ORDER BY version_ DESC LIMIT 1)";
    byte[] deployed =
        jdbc.queryForObject("SELECT bytes_ FROM act_ge_bytearray" + row, byte[].class);
    String changed =
        new String(deployed, StandardCharsets.UTF_8).replace("countSlowly", "countQuickly");
    try {
      jdbc.update(
          "UPDATE act_ge_bytearray SET bytes_ = ?" + row,
          (Object) changed.getBytes(StandardCharsets.UTF_8));
      readAgain();
      Answer refused =
          caller.post(
              "olga",
              "/api/runs",
              "{\"runbook\":\"web-test\",\"parameters\":{\"environment\":\"test\"}}");
      assertThat(refused.is(409).body().path("detail").asText())
          .contains("phases/counting.bpmn of deployment")
          .contains("is not the model that was deployed");
    } finally {
      jdbc.update("UPDATE act_ge_bytearray SET bytes_ = ?" + row, (Object) deployed);
      readAgain();
    }
  }

  /** As after a start of Belay. */
  private void readAgain() {
    engine.getDeploymentCache().purgeCache();
  }

  @Test
  void whatRan_staysAndGoesOn() throws Exception {
    String run = caller.startUntilDecision();
    try {
      Map<String, byte[]> models = models();
      models.put(COUNTING, "no model".getBytes(StandardCharsets.UTF_8));
      isRefused(models, COUNTING, "cannot be read");
      caller
          .post(
              "anna",
              "/api/tasks/" + caller.openTask(run) + "/complete",
              "{\"values\":{\"decision\":\"go\",\"reason\":\"counted well\",\"looked\":true}}")
          .is(204);
      caller.awaitStatus(run, "COMPLETED");
    } finally {
      caller.end(run);
    }
  }

  /**
   * As Camunda Modeler does: the open file, and the forms that one attaches, by their bare names.
   */
  @Test
  void runbookAlone_isCompletedByTheSharedParts() throws Exception {
    Map<String, byte[]> all = models();
    Answer deployed =
        upload(
            Map.of(
                "web-test.bpmn", all.get("runbooks/web-test.bpmn"),
                "start-web-test.form", all.get("forms/start-web-test.form")));

    String id = deployed.is(200).body().path("id").asText();
    assertThat(repository.getDeploymentResourceNames(id))
        .contains("runbooks/web-test.bpmn", "phases/counting.bpmn", "decisions/counting-gate.dmn")
        .doesNotContain("web-test.bpmn");
    caller.end(caller.startUntilDecision());
  }

  @Test
  void ownPart_replacesTheSharedOneOfItsName() throws Exception {
    Map<String, byte[]> all = models();
    byte[] own =
        new String(all.get(COUNTING), StandardCharsets.UTF_8)
            .replace("name=\"Counting\"", "name=\"Counting in my way\"")
            .getBytes(StandardCharsets.UTF_8);
    String id =
        upload(Map.of("web-test.bpmn", all.get("runbooks/web-test.bpmn"), "counting.bpmn", own))
            .is(200)
            .body()
            .path("id")
            .asText();

    try (var counting = repository.getResourceAsStream(id, COUNTING)) {
      assertThat(counting.readAllBytes()).isEqualTo(own);
    }
  }

  @Test
  void whatIsMissing_isNamed() throws Exception {
    Map<String, byte[]> all = models();
    byte[] lost =
        new String(all.get("runbooks/web-test.bpmn"), StandardCharsets.UTF_8)
            .replace("calledElement=\"counting\"", "calledElement=\"my-counting\"")
            .getBytes(StandardCharsets.UTF_8);
    isRefused(Map.of("web-test.bpmn", lost), "runbooks/web-test.bpmn", "phases/my-counting.bpmn");
    isRefused(
        Map.of("counting.bpmn", all.get(COUNTING)), "", "there is no runbook among the files");
  }

  private void isRefused(Map<String, byte[]> models, String file, String reason) {
    long before = repository.createProcessDefinitionQuery().count();
    long deployments = repository.createDeploymentQuery().count();

    Answer refused = upload(models);

    assertThat(refused.status()).as(refused.text()).isEqualTo(400);
    assertThat(refused.text())
        .contains(file)
        .contains(reason)
        .doesNotContain("java.lang.", "org.camunda", "\\tat ");
    assertThat(repository.createProcessDefinitionQuery().count()).isEqualTo(before);
    assertThat(repository.createDeploymentQuery().count()).isEqualTo(deployments);
  }

  private static Map<String, byte[]> models() throws Exception {
    Path root = Path.of("src/test/resources/web/processes");
    Map<String, byte[]> models = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        models.put(root.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return models;
  }

  private Answer upload(Map<String, byte[]> models) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    part(body, "name=\"deployment-name\"", "upload".getBytes(StandardCharsets.UTF_8));
    models.forEach(
        (name, content) ->
            part(body, "name=\"%s\"; filename=\"%s\"".formatted(name, name), content));
    body.writeBytes("------models--\r\n".getBytes(StandardCharsets.UTF_8));
    return caller.send(
        "adam",
        HttpRequest.newBuilder(caller.uri("/engine-rest/deployment/create"))
            .header("Content-Type", "multipart/form-data; boundary=----models")
            .POST(BodyPublishers.ofByteArray(body.toByteArray())));
  }

  private static void part(ByteArrayOutputStream body, String disposition, byte[] content) {
    body.writeBytes(
        "------models\r\nContent-Disposition: form-data; %s\r\n\r\n"
            .formatted(disposition)
            .getBytes(StandardCharsets.UTF_8));
    body.writeBytes(content);
    body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
  }
}
