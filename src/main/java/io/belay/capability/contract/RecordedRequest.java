package io.belay.capability.contract;

import io.belay.target.Secret;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.lang.Nullable;

/**
 * A request of a list.
 *
 * @param number in the file, from 1 on
 * @param path with its query
 * @param headers an empty value leaves out the header that the target would send
 * @param body null for none
 * @param safe whether the list declares that it changes nothing
 * @param obstacle why it cannot be sent; null when it can
 * @param recorded null when there is no whole answer
 */
record RecordedRequest(
    int number,
    String method,
    String path,
    Map<String, String> headers,
    @Nullable byte[] body,
    boolean safe,
    @Nullable String obstacle,
    @Nullable Answer recorded) {

  /** Those that change nothing, by their definition. */
  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

  private static final Set<String> CHANGING = Set.of("POST", "PUT", "PATCH", "DELETE");

  static boolean isMethod(String method) {
    return READING.contains(method) || CHANGING.contains(method);
  }

  /**
   * Why it is not sent; empty when it is.
   *
   * @param againstRecorded whether its recorded answer is needed
   */
  Optional<String> notSent(boolean againstRecorded) {
    if (obstacle != null) {
      return Optional.of(obstacle);
    }
    if (!isMethod(method)) {
      return Optional.of("%s is no method that is replayed".formatted(method));
    }
    if (!hasAddress()) {
      return Optional.of("its path is no part of an address");
    }
    if (!safe && !READING.contains(method)) {
      return Optional.of("%s is not declared safe".formatted(method));
    }
    return againstRecorded && recorded == null
        ? Optional.of("no whole answer of it was recorded")
        : Optional.empty();
  }

  /** Whether its path can follow a target's address. */
  boolean hasAddress() {
    try {
      return path.startsWith("/") && URI.create("http://host" + path).getRawFragment() == null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Values of headers and parameters that look like secrets, as they are sent. */
  List<String> credentials() {
    return Stream.concat(
            headers.entrySet().stream().filter(header -> ComparisonRules.isSecret(header.getKey())),
            parameters().filter(parameter -> ComparisonRules.isSecret(parameter.getKey())))
        .map(Map.Entry::getValue)
        .toList();
  }

  private Stream<Map.Entry<String, String>> parameters() {
    return path.contains("?")
        ? Arrays.stream(path.substring(path.indexOf('?') + 1).split("&"))
            .map(parameter -> (parameter + "=").split("=", 2))
            .map(parts -> Map.entry(parts[0], parts[1].replaceFirst("=$", "")))
        : Stream.empty();
  }

  /** For people: values of parameters that look like secrets are masked. */
  @Override
  public String toString() {
    String shown = method + " " + path;
    for (Map.Entry<String, String> parameter : parameters().toList()) {
      if (ComparisonRules.isSecret(parameter.getKey()) && !parameter.getValue().isEmpty()) {
        shown =
            shown.replace(
                parameter.getKey() + "=" + parameter.getValue(),
                parameter.getKey() + "=" + Secret.MASK);
      }
    }
    return shown;
  }
}
