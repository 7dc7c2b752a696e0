package io.belay.model.lint;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.Period;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.w3c.dom.Attr;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Expressions hold no logic beyond comparing a variable, and stand only where one is needed. The
 * engine evaluates expressions in many more places than people expect, such as names and
 * documentation of user tasks.
 */
final class PlainExpressions implements Rule {

  private static final String NAME = "[A-Za-z][A-Za-z0-9_]*";
  private static final String LITERAL =
      "'[^'\\\\${}#]*'|\"[^\"\\\\${}#]*\"|-?[0-9]+(?:\\.[0-9]+)?|true|false|null";
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(" + NAME + ")}");
  private static final Pattern CONDITION =
      Pattern.compile(
          "\\$\\{\\s*(%1$s)\\s*(?:==|!=|<=|>=|<|>)\\s*(?:(%1$s)|%2$s)\\s*}"
              .formatted(NAME, LITERAL));
  private static final Pattern DECISION =
      Pattern.compile("\\$\\{decisionResult\\.(?:getSingleResult\\(\\)\\.)?" + NAME + "}");
  private static final Pattern TABLE = Pattern.compile("\\$\\{(" + NAME + ")\\.inputs}");
  private static final String RUN_NAME = "#{execution.processBusinessKey}";

  /** Names that the engine and its beans resolve although they are no variables. */
  private static final Set<String> NO_VARIABLES =
      Set.of("execution", "task", "externalTask", "caseExecution", "connector", "decisionResult");

  @Override
  public void check(ModelSet set, Consumer<Finding> out) {
    set.processes().forEach(file -> check(set, file.file(), file.xml().getDocumentElement(), out));
  }

  /** The variable whose value the text is; empty for any other text. */
  static Optional<String> variable(String text) {
    Matcher variable = VARIABLE.matcher(text.trim());
    return variable.matches() ? Optional.of(variable.group(1)) : Optional.empty();
  }

  /** Whether the engine takes the text literally. */
  static boolean isLiteral(String text) {
    return !text.contains("${") && !text.contains("#{");
  }

  private void check(ModelSet set, String file, Element element, Consumer<Finding> out) {
    Consumer<String> refuse =
        rule -> out.accept(new Finding(file, SafeXml.idAround(element), rule));
    for (int i = 0; i < element.getAttributes().getLength(); i++) {
      checkAttribute(set, (Attr) element.getAttributes().item(i), refuse);
    }
    StringBuilder text = new StringBuilder();
    for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
      if (child instanceof Element inner) {
        check(set, file, inner, out);
      } else if (child.getNodeType() == Node.TEXT_NODE
          || child.getNodeType() == Node.CDATA_SECTION_NODE) {
        text.append(child.getNodeValue());
      }
    }
    checkText(set, element, text.toString().trim(), refuse);
  }

  private static void checkAttribute(ModelSet set, Attr attribute, Consumer<String> refuse) {
    String value = attribute.getValue().trim();
    switch (attribute.getLocalName()) {
      case "businessKey" -> {
        if (!value.equals(RUN_NAME)) {
          refuse.accept("businessKey '%s' is refused; write %s".formatted(value, RUN_NAME));
        }
      }
      case "dueDate", "followUpDate" -> checkTime(set, value, refuse);
      case "sourceExpression", "decisionRef" -> {
        Matcher variable = VARIABLE.matcher(value);
        if (variable.matches()) {
          checkName(set, variable.group(1), refuse);
        } else if (!isLiteral(value)) {
          refuse.accept(
              "%s '%s' is refused; write a plain value, or ${variable} and nothing else"
                  .formatted(attribute.getName(), value));
        }
      }
      default -> {
        // KnownSteps checks the delegateExpression of service tasks; KnownElements refuses it
        // elsewhere.
        boolean namesStep = attribute.getLocalName().equals("delegateExpression");
        if (!isLiteral(value) && !namesStep) {
          refuse.accept(
              "%s holds the expression '%s'; only a plain value may stand there"
                  .formatted(attribute.getName(), value));
        }
      }
    }
  }

  private static void checkText(
      ModelSet set, Element element, String text, Consumer<String> refuse) {
    switch (element.getLocalName()) {
      case "conditionExpression" -> {
        Matcher condition = CONDITION.matcher(text);
        if (!condition.matches()) {
          refuse.accept(
              "condition '%s' is refused; only compare a variable with a value or a variable, such as ${verdict == 'PASS'} or ${up == true}"
                  .formatted(text));
        } else {
          for (int group = 1; group <= 2; group++) {
            checkName(set, condition.group(group), refuse);
          }
        }
      }
      case "timeDuration", "timeDate" -> checkTime(set, text, refuse);
      case "inputParameter", "outputParameter" -> {
        boolean output = element.getLocalName().equals("outputParameter");
        Matcher table = TABLE.matcher(text);
        if (!output && table.matches()) {
          checkName(set, table.group(1), refuse);
        } else if (!output || !DECISION.matcher(text).matches()) {
          checkTemplate(set, text, refuse);
        }
      }
      default -> {
        if (!isLiteral(text)) {
          refuse.accept(
              "<%s> holds an expression; only plain text may stand there"
                  .formatted(element.getNodeName()));
        }
      }
    }
  }

  /** Checks a text into which variables are inserted. */
  private static void checkTemplate(ModelSet set, String text, Consumer<String> refuse) {
    Matcher variable = VARIABLE.matcher(text);
    if (!isLiteral(variable.replaceAll(""))) {
      refuse.accept(
          "'%s' is refused; a parameter is a value, ${variable}, or text with ${variable} in it"
              .formatted(text));
      return;
    }
    variable.reset();
    while (variable.find()) {
      checkName(set, variable.group(1), refuse);
    }
  }

  private static void checkTime(ModelSet set, String text, Consumer<String> refuse) {
    Matcher variable = VARIABLE.matcher(text);
    if (variable.matches()) {
      checkName(set, variable.group(1), refuse);
    } else if (!isTime(text)) {
      refuse.accept(
          "'%s' is no time; write ISO 8601, such as PT10M, or ${variable}".formatted(text));
    }
  }

  private static boolean isTime(String text) {
    try {
      if (text.startsWith("P")) {
        return text.matches("P[0-9]+[YMWD]") && !Period.parse(text).isZero()
            || !Duration.parse(text).isNegative();
      }
      OffsetDateTime.parse(text);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static void checkName(ModelSet set, String name, Consumer<String> refuse) {
    if (name != null && (NO_VARIABLES.contains(name) || set.steps().names().contains(name))) {
      refuse.accept("'%s' is no variable; an expression reads variables only".formatted(name));
    }
  }
}
