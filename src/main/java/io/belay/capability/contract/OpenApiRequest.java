package io.belay.capability.contract;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.capability.contract.OpenApiExamples.Content;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** One request, put together of the examples of its parts, in OpenAPI's default styles. */
final class OpenApiRequest {

  /** Header parameters that OpenAPI tells to leave alone; nor are credentials made of examples. */
  private static final Set<String> NOT_PARAMETERS =
      Set.of("accept", "content-type", "authorization");

  private final OpenApiExamples document;
  private final String example;
  private final List<String> query = new ArrayList<>();
  private final Map<String, String> headers = new TreeMap<>();
  private String path;
  private byte[] body;
  private String obstacle;

  /**
   * @param example name of the examples; empty for any
   */
  OpenApiRequest(OpenApiExamples document, String path, String example) {
    this.document = document;
    this.path = path;
    this.example = example;
  }

  void parameter(JsonNode parameter) {
    String name = parameter.path("name").asText();
    String in = parameter.path("in").asText();
    JsonNode value = document.example(parameter, example);
    boolean sent = !in.equals("cookie") && (value.isValueNode() || value.isArray());
    if (!sent) {
      if (parameter.path("required").asBoolean()) {
        obstacle = "it has no example that can be sent for %s parameter '%s'".formatted(in, name);
      }
      return;
    }
    switch (in) {
      case "path" -> path = path.replace("{" + name + "}", encoded(joined(value)));
      case "query" -> query(name, value, parameter.path("explode").asBoolean(true));
      case "header" -> header(name.toLowerCase(Locale.ROOT), joined(value));
      default -> obstacle = "it has a parameter '%s' of an unknown kind".formatted(name);
    }
  }

  private void query(String name, JsonNode value, boolean explode) {
    if (value.isArray() && explode) {
      value.forEach(one -> query.add(encoded(name) + "=" + encoded(one.asText())));
    } else {
      query.add(encoded(name) + "=" + encoded(joined(value)));
    }
  }

  private void header(String name, String value) {
    if (!NOT_PARAMETERS.contains(name)
        && !ComparisonRules.isSecret(name)
        && RequestHeaders.isSendable(name, value)) {
      headers.put(name, value);
    }
  }

  void body(boolean required, Content content) {
    JsonNode value = document.example(content.media(), example);
    if (!value.isMissingNode()) {
      body = content.bytes(value);
      headers.put("content-type", content.type());
    } else if (required) {
      obstacle = "it has no example for its body";
    }
  }

  RecordedRequest build(int number, String method, boolean safe, Answer answer) {
    if (path.contains("{")) {
      obstacle = "it has no example for a part of its path";
    }
    return new RecordedRequest(
        number,
        method,
        query.isEmpty() ? path : path + "?" + String.join("&", query),
        headers,
        body,
        safe,
        obstacle,
        answer);
  }

  private static String joined(JsonNode value) {
    if (!value.isArray()) {
      return value.asText();
    }
    List<JsonNode> elements = new ArrayList<>();
    value.forEach(elements::add);
    return elements.stream().map(JsonNode::asText).collect(Collectors.joining(","));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("%2C", ",");
  }
}
