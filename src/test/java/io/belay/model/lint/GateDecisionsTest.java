package io.belay.model.lint;

import static io.belay.model.lint.TestModels.DECISION;
import static io.belay.model.lint.TestModels.good;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GateDecisionsTest {

  @Test
  void decisionIdThatIsNotTheFileName_isRefused() {
    good()
        .replace(DECISION, "decision id=\"things-gate\"", "decision id=\"gate\"")
        .isRefused(DECISION, "gate", "not the file's name; call it 'things-gate'");
  }

  @Test
  void secondDecision_isRefused() {
    good()
        .replace(
            DECISION,
            "</decision>",
            "</decision><decision id=\"more\" name=\"More\"><literalExpression id=\"L\">"
                + "<text>1</text></literalExpression></decision>")
        .isRefused(DECISION, "", "has 2 decisions");
  }

  @Test
  void decisionThatIsNoTable_isRefused() {
    String table =
        good().text(DECISION).replaceAll("(?s).*(<decisionTable.*</decisionTable>).*", "$1");
    good()
        .replace(
            DECISION,
            table,
            "<literalExpression id=\"L\"><text>\"PASS\"</text></literalExpression>")
        .isRefused(DECISION, "things-gate", "is no decision table");
  }

  @Test
  void otherHitPolicy_isRefused() {
    good()
        .replace(DECISION, "hitPolicy=\"FIRST\"", "hitPolicy=\"COLLECT\"")
        .isRefused(DECISION, "things-gate", "hit policy is COLLECT; set FIRST");
    good()
        .replace(DECISION, " hitPolicy=\"FIRST\"", "")
        .isRefused(DECISION, "things-gate", "set FIRST");
  }

  @Test
  void otherOutputs_areRefused() {
    good()
        .replace(DECISION, "name=\"reason\"", "name=\"because\"")
        .isRefused(DECISION, "things-gate", "[verdict, because]; make them verdict and reason");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"OK\"", "PASS", "", "if errors > 1 then \"FAIL\" else \"PASS\""})
  void verdictThatIsNone_isRefused(String verdict) {
    good()
        .replace(DECISION, "\"PASS\"", verdict.replace(">", "&gt;"))
        .isRefused(DECISION, "Rule_Few", "is none of \"PASS\"");
  }

  @Test
  void lastRuleThatDoesNotCatchEverythingOrPasses_isRefused() {
    good()
        .replace(DECISION, "<text></text>", "<text>&gt;= 0.01</text>")
        .isRefused(DECISION, "Rule_Else", "must catch everything");
    good().replace(DECISION, "\"FAIL\"", "\"PASS\"").isRefused(DECISION, "Rule_Else", "not pass");
    good().replace(DECISION, "<text></text>", "<text>-</text>").isAccepted();
  }

  @Test
  void tableWithoutRules_isRefused() {
    String text = good().text(DECISION);
    String rules =
        text.substring(text.indexOf("<rule "), text.lastIndexOf("</rule>") + "</rule>".length());
    good().replace(DECISION, rules, "").isRefused(DECISION, "things-gate", "has no rule");
  }

  @ParameterizedTest
  @ValueSource(strings = {"javascript", "groovy", "juel", "Feel-Scala-Unary"})
  void otherLanguageThanFeel_isRefused(String language) {
    good()
        .replace(
            DECISION,
            "<outputEntry id=\"Verdict_Few\">",
            "<outputEntry id=\"Verdict_Few\" expressionLanguage=\"%s\">".formatted(language))
        .isRefused(DECISION, "Verdict_Few", "only FEEL is allowed", language);
    good()
        .replace(
            DECISION,
            "name=\"Gate\"",
            "name=\"Gate\" expressionLanguage=\"%s\"".formatted(language))
        .isRefused(DECISION, "Definitions_1", "only FEEL is allowed", language);
  }

  @Test
  void juelInATable_isRefused() {
    good()
        .replace(DECISION, "<text>errors</text>", "<text>${x.y()}</text>")
        .isRefused(DECISION, "Expression_Errors", "a JUEL expression");
  }

  @Test
  void cellThatFeelCannotRead_isRefused() {
    good()
        .replace(DECISION, "<text>errors</text>", "<text>errors +</text>")
        .isRefused(DECISION, "Expression_Errors", "'errors +' is not valid FEEL");
    good()
        .replace(DECISION, "<text>&lt; 0.01</text>", "<text>&lt; 0,01)</text>")
        .isRefused(DECISION, "Entry_Few", "'< 0,01)' is not valid FEEL");
  }

  @Test
  void descriptionOfACell_isNoPartOfIt() {
    good()
        .replace(
            DECISION,
            "<text>errors</text>",
            "<description>Of all requests</description><text>errors</text>")
        .replace(
            DECISION, "<text></text>", "<description>Whatever it is</description><text></text>")
        .replace(
            DECISION,
            "<text>\"PASS\"</text>",
            "<description>Good</description><text>\"PASS\"</text>")
        .isAccepted();
  }

  @Test
  void reasonThatIsEmpty_isAccepted() {
    String reason =
        good()
            .text(DECISION)
            .replaceAll("(?s).*<outputEntry id=\"Reason_Few\">\\s*(<text>.*?</text>).*", "$1");
    good().replace(DECISION, reason, "<text></text>").isAccepted();
  }
}
