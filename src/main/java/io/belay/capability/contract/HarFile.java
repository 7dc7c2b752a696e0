package io.belay.capability.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A recording by a browser or a proxy (HTTP Archive 1.2). An entry with {@code "_safe": true} may
 * be sent again whatever its method; names with an underscore are free for such use.
 *
 * @see <a href="http://www.softwareishard.com/blog/har-12-spec/">HAR 1.2</a>
 */
final class HarFile {

  private final RequestsTarget target;
  private final Set<String> credentials;
  private final List<String> problems;

  HarFile(RequestsTarget target, Set<String> credentials, List<String> problems) {
    this.target = target;
    this.credentials = credentials;
    this.problems = problems;
  }

  List<RecordedRequest> requests(JsonNode root) {
    List<RecordedRequest> requests = new ArrayList<>();
    Set<String> origins = new TreeSet<>();
    int number = 0;
    for (JsonNode entry : root.at("/log/entries")) {
      number++;
      String url = entry.at("/request/url").asText();
      String base = target.recordedAt() == null ? origin(url) : base();
      if (isBelow(base, url)) {
        origins.add(base);
        requests.add(request(number, entry, base, url));
      }
    }
    if (origins.size() > 1) {
      problems.add(
          "has requests to several services; say by 'recorded-at' which is meant: " + origins);
    }
    if (requests.isEmpty()) {
      problems.add(
          target.recordedAt() == null
              ? "has no requests"
              : "has no requests to %s among its %d".formatted(target.recordedAt(), number));
    }
    return requests;
  }

  private String base() {
    return target.recordedAt().toString().replaceFirst("/+$", "");
  }

  private static String origin(String url) {
    return url.replaceFirst("(?i)^(https?://[^/?#]+).*", "$1");
  }

  private static boolean isBelow(String base, String url) {
    return url.matches("(?i)https?://.*")
        && url.regionMatches(true, 0, base, 0, base.length())
        && (url.length() == base.length() || "/?#".indexOf(url.charAt(base.length())) >= 0);
  }

  private RecordedRequest request(int number, JsonNode entry, String base, String url) {
    String path = url.substring(base.length()).replaceFirst("#.*", "");
    JsonNode request = entry.path("request");
    Map<String, String> headers =
        RequestHeaders.ofRecording(
            pairs(request.path("headers")), (name, value) -> credentials.add(value));
    pairs(request.path("cookies")).values().forEach(credentials::add);
    JsonNode posted = request.path("postData");
    byte[] body = body(posted);
    return new RecordedRequest(
        number,
        request.path("method").asText(),
        path.startsWith("/") ? path : "/" + path,
        headers,
        body,
        entry.path("_safe").asBoolean(),
        !posted.isMissingNode() && body == null ? "its body was not recorded" : null,
        answer(request.path("method").asText(), entry.path("response"), base));
  }

  /** Null when there is none, or it was not recorded. */
  private static byte[] body(JsonNode posted) {
    if (posted.path("text").isTextual()
        && (!posted.path("text").asText().isEmpty() || posted.path("params").isEmpty())) {
      return posted.path("text").asText().getBytes(StandardCharsets.UTF_8);
    }
    if (!posted.path("mimeType").asText().startsWith("application/x-www-form-urlencoded")) {
      return null;
    }
    List<String> pairs = new ArrayList<>();
    posted
        .path("params")
        .forEach(one -> pairs.add(encoded(one.path("name")) + "=" + encoded(one.path("value"))));
    return String.join("&", pairs).getBytes(StandardCharsets.UTF_8);
  }

  private static String encoded(JsonNode text) {
    return URLEncoder.encode(text.asText(), StandardCharsets.UTF_8);
  }

  /** Null when it was not recorded whole, or says only that an earlier answer still holds. */
  private static Answer answer(String method, JsonNode response, String base) {
    int status = response.path("status").asInt();
    JsonNode content = response.path("content");
    boolean empty = method.equals("HEAD") || status == 204 || content.path("size").asLong(-1) == 0;
    if (status < 100 || status == 304 || !content.has("text") && !empty) {
      return null;
    }
    Map<String, List<String>> headers = new TreeMap<>();
    for (JsonNode header : response.path("headers")) {
      headers
          .computeIfAbsent(
              header.path("name").asText().toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(header.path("value").asText());
    }
    String text = content.path("text").asText();
    try {
      return new Answer(
          status,
          Answer.headers(headers, base),
          headers.getOrDefault("content-type", List.of(content.path("mimeType").asText())).get(0),
          content.path("encoding").asText().equals("base64")
              ? Base64.getMimeDecoder().decode(text)
              : text.getBytes(StandardCharsets.UTF_8));
    } catch (IllegalArgumentException damaged) {
      return null;
    }
  }

  private static Map<String, String> pairs(JsonNode list) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (JsonNode pair : list) {
      pairs.merge(
          pair.path("name").asText(),
          pair.path("value").asText(),
          (first, second) -> first + ", " + second);
    }
    return pairs;
  }
}
