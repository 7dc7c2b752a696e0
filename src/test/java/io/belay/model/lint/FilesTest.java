package io.belay.model.lint;

import static io.belay.model.lint.TestModels.CHANGE;
import static io.belay.model.lint.TestModels.DECISION;
import static io.belay.model.lint.TestModels.FORM;
import static io.belay.model.lint.TestModels.good;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilesTest {

  private static final String HEAD = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "phases/Change.bpmn",
        "phases/two words.bpmn",
        "phases/change_it.bpmn",
        "phases/deep/change.bpmn",
        "../phases/change.bpmn",
        "change.bpmn",
        "phases/change.dmn",
        "phases/change.cmmn",
        "cases/change.cmmn",
        "decisions/gate.bpmn",
        "forms/approve.html",
        "scripts/change.groovy",
        "phases/-change.bpmn",
        "phases/change.bpmn\n"
      })
  void unknownKindOfFile_isRefused(String name) {
    good().with(name, "x").isRefused(name, "", "no known kind of file", "kebab-case");
  }

  @Test
  void fileThatIsTooLarge_isRefused() {
    good()
        .with(CHANGE, new byte[2_000_001])
        .isRefused(CHANGE, "", "has 2000001 bytes, more than 2000000");
  }

  @Test
  void setOfTooManyFiles_isRefused() {
    Map<String, byte[]> models = new TreeMap<>();
    for (int i = 0; i < 201; i++) {
      models.put("phases/p" + i + ".bpmn", new byte[0]);
    }
    assertThat(new ModelLint(TestSteps.all(), (d, i) -> null).check(models))
        .extracting(Finding::rule)
        .containsExactly("201 files are more than the 200 of a set");
  }

  @Test
  void brokenXml_isRefusedWithItsLine() {
    good().with(CHANGE, HEAD + "<a>\n<b>\n</a>").isRefused(CHANGE, "", "cannot be read: line 4: ");
  }

  @Test
  void charactersThatAreNone_areRefused() {
    byte[] broken = (HEAD + "<a>?</a>").getBytes(StandardCharsets.UTF_8);
    broken[broken.length - 5] = (byte) 0xC3; // begins a character that does not follow
    good().with(CHANGE, broken).isRefused(CHANGE, "", "cannot be read: line 2: Invalid byte");
  }

  @Test
  void xmlThatIsNoBpmn_isRefusedWithItsLine() {
    good()
        .replace(CHANGE, "triggeredByEvent=\"true\"", "triggeredByEvent=\"perhaps\"")
        .isRefused(CHANGE, "", "cannot be read: ", "perhaps");
    good().with(CHANGE, HEAD + "<other/>").isRefused(CHANGE, "", "cannot be read: ");
  }

  @Test
  void doctype_isRefusedBeforeAnythingIsResolved() {
    String external =
        HEAD
            + "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>\n"
            + good().text(CHANGE).substring(HEAD.length()).replace("Change things", "&x;");
    good().with(CHANGE, external).isRefused(CHANGE, "", "line 2", "DOCTYPE");
    String bomb =
        "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]><d>&b;</d>";
    good().with(DECISION, HEAD + bomb).isRefused(DECISION, "", "DOCTYPE");
    good()
        .with(CHANGE, external.replace("UTF-8", "UTF-16").getBytes(StandardCharsets.UTF_16))
        .isRefused(CHANGE, "", "DOCTYPE");
  }

  @Test
  void schemaLocation_isRefusedBecauseTheEngineWouldFetchIt() {
    good()
        .replace(
            CHANGE,
            "id=\"Definitions_1\"",
            "id=\"Definitions_1\" xsi:schemaLocation=\"http://x http://127.0.0.1:1/x.xsd\"")
        .isRefused(CHANGE, "", "xsi:schemaLocation refers outside", "line 2");
  }

  @Test
  void deepNesting_isRefused() {
    String deep = "<a>".repeat(201) + "</a>".repeat(201);
    good().with(CHANGE, HEAD + deep).isRefused(CHANGE, "", "line 2", "deeper than 200 levels");
    good().with(CHANGE, HEAD + "<a>".repeat(600_000)).isRefused(CHANGE, "", "deeper than 200");
  }

  @Test
  void endlessElements_areRefused() {
    good()
        .with(CHANGE, HEAD + "<a>" + "<b/>".repeat(20_000) + "</a>")
        .isRefused(CHANGE, "", "more than 20000 elements");
  }

  @Test
  void processOfTooManyNodes_isRefused() {
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      many.append("<bpmn:endEvent id=\"End_%d\" />".formatted(i));
    }
    good()
        .replace(CHANGE, "</bpmn:process>", many + "</bpmn:process>")
        .isRefused(CHANGE, "", "flow nodes, more than 500");
  }

  @Test
  void fileWithoutProcess_isRefused() {
    String text = good().text(CHANGE);
    String empty =
        text.substring(0, text.indexOf("<bpmn:process"))
            + text.substring(text.indexOf("<bpmn:message "), text.indexOf("<bpmndi:"))
            + "</bpmn:definitions>";
    good().with(CHANGE, empty).isRefused(CHANGE, "", "has no process");
  }

  @Test
  void secondProcess_isRefused() {
    good()
        .replace(
            CHANGE,
            "</bpmn:process>",
            "</bpmn:process><bpmn:process id=\"b\" isExecutable=\"true\"/>")
        .isRefused(CHANGE, "change", "more than one process");
  }

  @Test
  void processThatCannotRun_isRefused() {
    good()
        .replace(CHANGE, "isExecutable=\"true\"", "isExecutable=\"false\"")
        .isRefused(CHANGE, "change", "not executable");
  }

  @Test
  void processIdThatIsNotTheFileName_isRefused() {
    good()
        .replace(CHANGE, "process id=\"change\"", "process id=\"changed\"")
        .replace(CHANGE, "bpmnElement=\"change\"", "bpmnElement=\"changed\"")
        .isRefused(CHANGE, "changed", "not the file's name; call it 'change'");
  }

  @Test
  void processIdThatIsTaken_isRefused() {
    good()
        .with("runbooks/change.bpmn", good().text(CHANGE))
        .isRefused("runbooks/change.bpmn", "change", "taken by phases/change.bpmn");
  }

  @Test
  void missingTimeToLive_isRefused() {
    good()
        .replace(CHANGE, " camunda:historyTimeToLive=\"P30D\"", "")
        .isRefused(CHANGE, "change", "no history time to live");
  }

  @Test
  void brokenForm_isRefusedWithItsLine() {
    good().with(FORM, "{\n \"id\": }").isRefused(FORM, "", "cannot be read: line 2");
    good().with(FORM, "{\"id\": \"approve\"}").isRefused(FORM, "", "no Camunda Form");
    good().with(FORM, "").isRefused(FORM, "", "no Camunda Form");
    good().with(FORM, "[".repeat(100_000)).isRefused(FORM, "", "cannot be read");
  }

  @Test
  void formIdThatIsNotTheFileName_isRefused() {
    good()
        .replace(FORM, "\"approve\"", "\"agree\"")
        .isRefused(FORM, "agree", "not the file's name; call it 'approve'");
  }
}
