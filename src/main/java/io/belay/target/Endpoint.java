package io.belay.target;

import java.util.List;

/**
 * A path that is probed, and the answer that passes: {@code /orders}, {@code /admin 401} or {@code
 * /version 200 v2}, that is a path, a status, and a text that the body must contain.
 *
 * @param status 0 for any 2xx: a redirect to a login, 401 and 404 do not pass
 * @param text empty for any
 */
public record Endpoint(String path, int status, String text) {

  /**
   * @throws IllegalArgumentException when the status is not a number from 100 to 599
   */
  public static Endpoint parse(String written) {
    String[] parts = written.strip().split("\\s+", 3);
    if (parts.length == 1) {
      return new Endpoint(parts[0], 0, "");
    }
    if (!parts[1].matches("[1-5]\\d\\d")) {
      throw new IllegalArgumentException("'%s' is not a status".formatted(parts[1]));
    }
    return new Endpoint(parts[0], Integer.parseInt(parts[1]), parts.length == 2 ? "" : parts[2]);
  }

  public static List<Endpoint> parse(List<String> written) {
    return written.stream().map(Endpoint::parse).toList();
  }

  /** Whether this answer passes. */
  public boolean accepts(HttpProbe.Answer answer) {
    boolean expected = status == 0 ? answer.ok() : answer.status() == status;
    return expected && answer.body().contains(text);
  }

  /** What came instead; for people. */
  public String describe(HttpProbe.Answer answer) {
    if (!answer.answered()) {
      return answer.describe();
    }
    boolean body = answer.status() == status || status == 0 && answer.ok();
    return answer.describe()
        + (body
            ? " without the text '" + text + "'"
            : " instead of " + (status == 0 ? "2xx" : status));
  }
}
