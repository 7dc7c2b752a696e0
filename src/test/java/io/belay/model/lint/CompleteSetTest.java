package io.belay.model.lint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CompleteSetTest {

  private static final byte[] PART = bytes("<a asks=\"gate\"/>");

  @Test
  void onlyTheParts_thatTheFilesUse_areAdded_alsoBehindOthers() {
    Map<String, byte[]> set =
        CompleteSet.of(
            Map.of("runbooks/shop.bpmn", bytes("<a calls=\"copy\"/>")),
            Map.of(
                "phases/copy.bpmn", PART,
                "decisions/gate.dmn", bytes("<a/>"),
                "phases/copy-more.bpmn", PART,
                "forms/co.form", PART));

    assertThat(set)
        .containsOnlyKeys("runbooks/shop.bpmn", "phases/copy.bpmn", "decisions/gate.dmn");
  }

  @Test
  void ownFile_replacesThePartOfItsName() {
    byte[] own = bytes("<mine/>");
    Map<String, byte[]> set =
        CompleteSet.of(
            Map.of("shop.bpmn", bytes("<a id=\"copy\"/>"), "copy.bpmn", own),
            Map.of("phases/copy.bpmn", PART));

    assertThat(set.get("phases/copy.bpmn")).isEqualTo(own);
  }

  @Test
  void nameWithoutAFolder_getsTheFolderOfItsKind() {
    Map<String, byte[]> set =
        CompleteSet.of(
            Map.of(
                "shop.bpmn", bytes("<a><endEvent id=\"End_RolledBack\"/></a>"),
                "copy.bpmn", bytes("<a><endEvent id=\"End_Passed\"/></a>"),
                "broken.bpmn", bytes("<a"),
                "gate.dmn", bytes("<a/>"),
                "ask.form", bytes("{}"),
                "../evil.bpmn", bytes("<a/>"),
                "readme.txt", bytes("")),
            Map.of());

    assertThat(set)
        .containsOnlyKeys(
            "runbooks/shop.bpmn",
            "phases/copy.bpmn",
            "phases/broken.bpmn",
            "decisions/gate.dmn",
            "forms/ask.form",
            "../evil.bpmn",
            "readme.txt");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
