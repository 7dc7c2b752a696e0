package io.belay.step;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.List;
import java.util.Optional;

/**
 * Expectations of the answer of a command, a server or a database, one a line:
 *
 * <pre>
 * exit 0, 3            the command's exit code is one of these
 * status 200, 3xx      the server's status is one of these
 * empty                no output, or only blanks; also: not empty
 * is OK                the output is this text
 * contains ready       the output contains this text; also: without error
 * matches ^\d+ rows$   a part of the output matches this regular expression; ^ and $ match at lines
 * number <= 5          the output is a number, and at most 5; also: = != < > >=
 * lines = 0            the number of lines that are not blank; also: != < > <= >=
 * json /data/state = READY   the value at this JSON pointer; also a comparison of numbers,
 *                            present or absent
 * </pre>
 */
public final class Expectations extends WrittenText {

  private static final Expectations NONE = new Expectations("");

  private final List<Expectation> all;

  private Expectations(String text) {
    super(text);
    this.all =
        text.lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .map(Expectation::parse)
            .toList();
  }

  /**
   * An observed answer.
   *
   * @param code exit code or status
   * @param output secrets masked
   * @param whole whether {@code output} is all of it
   */
  public record Answer(int code, String output, boolean whole) {}

  /**
   * @throws IllegalArgumentException naming the line that is no expectation
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Expectations valueOf(String text) {
    return new Expectations(text);
  }

  /** Expects nothing. */
  public static Expectations none() {
    return NONE;
  }

  public boolean isEmpty() {
    return all.isEmpty();
  }

  /** Whether one of them is about the code itself. */
  public boolean judgeCode() {
    return all.stream().anyMatch(Expectation::judgesCode);
  }

  /** The unmet expectations, each with what was seen instead; empty when all are met. */
  public List<String> unmet(Answer answer) {
    return all.stream().map(one -> one.unmet(answer)).flatMap(Optional::stream).toList();
  }

  /** The lines, separated by semicolons, for people. */
  public String describe() {
    return String.join("; ", text().lines().map(String::strip).filter(l -> !l.isEmpty()).toList());
  }
}
