package io.belay.capability.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A list that somebody has written:
 *
 * <pre>
 * requests:
 *   - GET /orders?state=paid
 *   - {path: /orders/0, answer: {status: 404, body: {error: not found}}}
 *   - {method: POST, path: /search, safe: true, body: {text: x}, headers: {accept-language: de}}
 * </pre>
 */
final class WrittenRequests {

  private static final Set<String> KEYS =
      Set.of("method", "path", "headers", "body", "safe", "answer");
  private static final Set<String> ANSWER_KEYS = Set.of("status", "headers", "body");
  private static final String JSON_TYPE = "application/json";

  private final List<String> problems;

  WrittenRequests(List<String> problems) {
    this.problems = problems;
  }

  List<RecordedRequest> requests(JsonNode root) {
    JsonNode list = root.isArray() ? root : root.path("requests");
    if (!list.isArray() || root.isObject() && root.size() > 1) {
      problems.add("is neither a HAR file nor OpenAPI 3, and no list below the one key 'requests'");
      return List.of();
    }
    List<RecordedRequest> requests = new ArrayList<>();
    for (JsonNode entry : list) {
      int number = requests.size() + 1;
      requests.add(entry.isTextual() ? shortForm(number, entry.asText()) : request(number, entry));
    }
    return requests;
  }

  private RecordedRequest shortForm(int number, String text) {
    String[] parts = text.strip().split("\\s+");
    if (parts.length != 2) {
      problem(number, "must be a method and a path, such as GET /orders");
      return checked(number, "GET", "/", Map.of(), null, false, null);
    }
    return checked(number, parts[0], parts[1], Map.of(), null, false, null);
  }

  private RecordedRequest request(int number, JsonNode entry) {
    requireKeys(number, "", entry, KEYS);
    if (!entry.path("safe").isMissingNode() && !entry.path("safe").isBoolean()) {
      problem(number, "'safe' must be true or false");
    }
    Map<String, String> headers = headers(number, entry.path("headers"));
    headers.forEach(
        (name, value) -> {
          if (!RequestHeaders.isSendable(name, value)) {
            problem(number, "header '%s' cannot be sent".formatted(name));
          }
        });
    JsonNode body = entry.path("body");
    if (!body.isMissingNode()) {
      headers.putIfAbsent("content-type", body.isTextual() ? "text/plain" : JSON_TYPE);
    }
    return checked(
        number,
        entry.path("method").asText("GET"),
        entry.path("path").asText(),
        headers,
        body.isMissingNode() ? null : bytes(body),
        entry.path("safe").asBoolean(),
        entry.has("answer") ? answer(number, entry.path("answer")) : null);
  }

  private RecordedRequest checked(
      int number,
      String method,
      String path,
      Map<String, String> headers,
      byte[] body,
      boolean safe,
      Answer answer) {
    if (!RecordedRequest.isMethod(method)) {
      problem(number, "'%s' is no method that is replayed".formatted(method));
    }
    RecordedRequest request =
        new RecordedRequest(number, method, path, headers, body, safe, null, answer);
    if (!request.hasAddress()) {
      problem(number, "'path' must begin with a slash and be part of an address");
    }
    return request;
  }

  private Answer answer(int number, JsonNode answer) {
    requireKeys(number, "answer.", answer, ANSWER_KEYS);
    JsonNode status = answer.path("status");
    if (!status.isIntegralNumber() || status.asInt() < 100 || status.asInt() > 599) {
      problem(number, "'answer.status' must be a number from 100 to 599");
    }
    Map<String, List<String>> headers = new TreeMap<>();
    headers(number, answer.path("headers"))
        .forEach((name, value) -> headers.put(name, List.of(value)));
    JsonNode body = answer.path("body");
    String type = headers.getOrDefault("content-type", List.of("")).get(0);
    return new Answer(
        status.asInt(),
        headers.isEmpty() ? null : headers,
        type.isEmpty() && !body.isTextual() && !body.isMissingNode() ? JSON_TYPE : type,
        body.isMissingNode() ? new byte[0] : bytes(body));
  }

  private Map<String, String> headers(int number, JsonNode written) {
    Map<String, String> headers = new TreeMap<>();
    if (!written.isMissingNode() && !written.isObject()) {
      problem(number, "'headers' must be names with their values");
    }
    for (Map.Entry<String, JsonNode> header : written.properties()) {
      if (!header.getValue().isValueNode()) {
        problem(number, "header '%s' must be one value".formatted(header.getKey()));
      }
      headers.put(header.getKey().toLowerCase(Locale.ROOT), header.getValue().asText());
    }
    return headers;
  }

  private void requireKeys(int number, String where, JsonNode entry, Set<String> known) {
    if (!entry.isObject()) {
      problem(number, "%smust be a mapping".formatted(where.isEmpty() ? "" : "'answer' "));
    }
    entry
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!known.contains(key)) {
                problem(number, "'%s%s' is unknown".formatted(where, key));
              }
            });
  }

  private void problem(int number, String rule) {
    problems.add("requests[%d]: %s".formatted(number - 1, rule));
  }

  /** A text as it is, anything else as JSON. */
  static byte[] bytes(JsonNode body) {
    return (body.isTextual() ? body.asText() : body.toString()).getBytes(StandardCharsets.UTF_8);
  }
}
