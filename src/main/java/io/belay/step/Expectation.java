package io.belay.step;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.belay.step.Expectations.Answer;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * One line of {@link Expectations}.
 *
 * @param line as it was written
 * @param judgesCode whether it is about the exit code or status
 * @param seen what was seen instead, when an answer does not meet it
 */
record Expectation(String line, boolean judgesCode, Function<Answer, Optional<String>> seen) {

  private static final int MOST_SEEN = 200;
  private static final Pattern WORDS = Pattern.compile("(\\S+)(?:\\s+(.*))?");
  private static final Pattern JSON_LINE = Pattern.compile("(/\\S*)\\s+(present|absent|\\S+\\s.*)");
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * @throws IllegalArgumentException when the line is no expectation
   */
  static Expectation parse(String line) {
    Matcher words = WORDS.matcher(line);
    if (!words.matches()) {
      throw unknown(line, "it is empty");
    }
    String operand = words.group(2) == null ? "" : words.group(2).strip();
    return switch (words.group(1)) {
      case "exit" -> code(line, operand, "\\d{1,3}", "exit code ");
      case "status" -> code(line, operand, "[1-5](\\d\\d|xx)", "status ");
      case "empty" -> {
        requireNone(line, operand);
        yield output(line, true, String::isBlank);
      }
      case "not" -> {
        if (!operand.equals("empty")) {
          throw unknown(line, "'not' goes with 'empty' only");
        }
        yield output(line, false, text -> !text.isBlank());
      }
      case "is" -> {
        String wanted = required(line, operand);
        yield output(line, true, text -> text.strip().equals(wanted));
      }
      case "contains" -> {
        String wanted = required(line, operand);
        yield output(line, false, text -> text.contains(wanted));
      }
      case "without" -> {
        String unwanted = required(line, operand);
        yield output(line, true, text -> !text.contains(unwanted));
      }
      case "matches" -> {
        Pattern pattern = pattern(line, required(line, operand));
        yield output(line, false, text -> pattern.matcher(text).find());
      }
      case "number" -> {
        Comparison wanted = comparison(line, operand);
        yield output(line, true, text -> wanted.holdsFor(text.strip()));
      }
      case "lines" -> {
        Comparison wanted = comparison(line, operand);
        yield output(
            line,
            true,
            text -> wanted.holdsFor(Long.toString(text.lines().filter(l -> !l.isBlank()).count())));
      }
      case "json" -> json(line, operand);
      default ->
          throw unknown(
              line,
              "it must begin with exit, status, empty, not empty, is, contains, without, matches,"
                  + " number, lines or json");
    };
  }

  /** A sentence when the answer does not meet this expectation. */
  Optional<String> unmet(Answer answer) {
    return seen.apply(answer).map(what -> "expected '%s', saw %s".formatted(line, what));
  }

  private static Expectation code(String line, String operand, String one, String word) {
    if (!operand.matches(one + "(\\s*,\\s*" + one + ")*")) {
      throw unknown(line, "it needs codes, separated by commas");
    }
    Pattern wanted = Pattern.compile(operand.replaceAll("\\s*,\\s*", "|").replace("xx", "\\d\\d"));
    return new Expectation(
        line,
        true,
        answer ->
            wanted.matcher(Integer.toString(answer.code())).matches()
                ? Optional.empty()
                : Optional.of(word + answer.code()));
  }

  /**
   * @param whole whether the complete output is needed
   */
  private static Expectation output(String line, boolean whole, Predicate<String> holds) {
    return new Expectation(
        line,
        false,
        answer -> {
          if (whole && !answer.whole()) {
            return Optional.of("an output that is too long to be read whole");
          }
          return holds.test(answer.output()) ? Optional.empty() : Optional.of(shown(answer));
        });
  }

  private static Expectation json(String line, String operand) {
    Matcher parts = JSON_LINE.matcher(operand);
    if (!parts.matches()) {
      throw unknown(
          line, "it needs a JSON pointer and a comparison, such as 'json /data/state = READY'");
    }
    JsonPointer pointer = JsonPointer.compile(parts.group(1));
    String rule = parts.group(2).strip();
    Function<JsonNode, Boolean> holds =
        switch (rule) {
          case "present" -> node -> !node.isMissingNode() && !node.isNull();
          case "absent" -> node -> node.isMissingNode() || node.isNull();
          default -> {
            Comparison wanted = comparison(line, rule);
            yield node -> node.isValueNode() && !node.isNull() && wanted.holdsFor(node.asText());
          }
        };
    return new Expectation(line, false, answer -> seenIn(answer, pointer, holds));
  }

  private static Optional<String> seenIn(
      Answer answer, JsonPointer pointer, Function<JsonNode, Boolean> holds) {
    if (!answer.whole()) {
      return Optional.of("an output that is too long to be read whole");
    }
    try {
      JsonNode document = JSON.readTree(answer.output());
      if (document.isMissingNode()) { // an empty text
        return Optional.of("no JSON: " + shown(answer));
      }
      JsonNode value = document.at(pointer);
      return holds.apply(value)
          ? Optional.empty()
          : Optional.of(value.isMissingNode() ? "no such value" : shortened(value.toString()));
    } catch (JsonProcessingException e) {
      return Optional.of("no JSON: " + shown(answer));
    }
  }

  private static Comparison comparison(String line, String text) {
    try {
      return Comparison.valueOf(text);
    } catch (IllegalArgumentException e) {
      throw unknown(line, e.getMessage());
    }
  }

  private static Pattern pattern(String line, String regex) {
    try {
      return Pattern.compile(regex, Pattern.MULTILINE);
    } catch (PatternSyntaxException e) {
      throw unknown(line, "its regular expression is wrong: " + e.getDescription());
    }
  }

  private static String required(String line, String operand) {
    if (operand.isEmpty()) {
      throw unknown(line, "it needs a text");
    }
    return operand;
  }

  private static void requireNone(String line, String operand) {
    if (!operand.isEmpty()) {
      throw unknown(line, "'empty' takes nothing more");
    }
  }

  private static IllegalArgumentException unknown(String line, String why) {
    return new IllegalArgumentException("'%s' is no expectation: %s".formatted(line, why));
  }

  private static String shown(Answer answer) {
    return answer.output().isBlank()
        ? "no output (code %d)".formatted(answer.code())
        : "'%s' (code %d)".formatted(shortened(answer.output().strip()), answer.code());
  }

  private static String shortened(String text) {
    return text.length() <= MOST_SEEN ? text : "…" + text.substring(text.length() - MOST_SEEN);
  }
}
