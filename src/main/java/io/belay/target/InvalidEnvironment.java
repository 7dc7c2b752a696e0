package io.belay.target;

import java.util.List;
import java.util.stream.Collectors;

/** All mistakes of one environment file, by key and rule, without values. */
public class InvalidEnvironment extends RuntimeException {

  /**
   * One mistake.
   *
   * @param key as it stands in the file, for example {@code targets.database.port}; empty for the
   *     file as a whole
   * @param rule that the value breaks
   */
  public record Problem(String key, String rule) {

    @Override
    public String toString() {
      return key.isEmpty() ? rule : key + ": " + rule;
    }
  }

  private final String file;
  private final transient List<Problem> problems;

  public InvalidEnvironment(String file, List<Problem> problems) {
    super(
        "environment file %s is not valid:%s"
            .formatted(
                file,
                problems.stream()
                    .map(problem -> System.lineSeparator() + "  " + problem)
                    .collect(Collectors.joining())));
    this.file = file;
    this.problems = List.copyOf(problems);
  }

  public String file() {
    return file;
  }

  public List<Problem> problems() {
    return problems;
  }
}
