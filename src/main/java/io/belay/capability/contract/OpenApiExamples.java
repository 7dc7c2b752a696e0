package io.belay.capability.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Requests made of the examples in an OpenAPI 3 document. Examples of the same name belong
 * together: those of an operation's parameters and body make a request, that of a response is its
 * answer. An operation without named ones makes one request, of {@code example}, or of the schema's
 * example, default or first choice; its answer is the example of the first 2xx response. An
 * operation with {@code x-safe: true} may be sent whatever its method.
 */
final class OpenApiExamples {

  private static final int MOST_REFERENCES = 20;

  private final JsonNode root;
  private final List<String> problems;

  OpenApiExamples(JsonNode root, List<String> problems) {
    this.root = root;
    this.problems = problems;
  }

  List<RecordedRequest> requests() {
    List<RecordedRequest> requests = new ArrayList<>();
    if (!root.path("openapi").asText().startsWith("3.")) {
      problems.add("is OpenAPI %s; 3 is needed".formatted(root.path("openapi").asText()));
      return requests;
    }
    for (Map.Entry<String, JsonNode> path : root.path("paths").properties()) {
      JsonNode item = resolved(path.getValue());
      for (Map.Entry<String, JsonNode> operation : item.properties()) {
        if (RecordedRequest.isMethod(operation.getKey().toUpperCase(Locale.ROOT))) {
          add(requests, path.getKey(), operation.getKey(), item, operation.getValue());
        }
      }
    }
    return requests;
  }

  private void add(
      List<RecordedRequest> requests,
      String path,
      String method,
      JsonNode item,
      JsonNode operation) {
    List<JsonNode> parameters = parameters(item, operation);
    Content body = Content.of(resolved(operation.path("requestBody")), this);
    Set<String> names = new LinkedHashSet<>();
    Stream.concat(parameters.stream(), Stream.of(body.media()))
        .forEach(part -> part.path("examples").fieldNames().forEachRemaining(names::add));
    for (String name : names.isEmpty() ? List.of("") : names) {
      OpenApiRequest request = new OpenApiRequest(this, path, name);
      parameters.forEach(request::parameter);
      request.body(resolved(operation.path("requestBody")).path("required").asBoolean(), body);
      requests.add(
          request.build(
              requests.size() + 1,
              method.toUpperCase(Locale.ROOT),
              operation.path("x-safe").asBoolean(),
              answer(operation.path("responses"), name)));
    }
  }

  /** Those of the operation replace those of the path that have the same name and place. */
  private List<JsonNode> parameters(JsonNode item, JsonNode operation) {
    Map<String, JsonNode> parameters = new LinkedHashMap<>();
    for (JsonNode holder : List.of(item, operation)) {
      for (JsonNode reference : holder.path("parameters")) {
        JsonNode parameter = resolved(reference);
        parameters.put(parameter.path("in").asText() + " " + parameter.path("name"), parameter);
      }
    }
    return List.copyOf(parameters.values());
  }

  private Answer answer(JsonNode responses, String name) {
    for (Map.Entry<String, JsonNode> entry : responses.properties()) {
      Content content = Content.of(resolved(entry.getValue()), this);
      boolean named = content.media().path("examples").has(name);
      boolean first = name.isEmpty() && entry.getKey().startsWith("2");
      if (entry.getKey().matches("[1-5][0-9][0-9]") && (named || first)) {
        int status = Integer.parseInt(entry.getKey());
        if (content.type().isEmpty()) {
          return new Answer(status, null, "", new byte[0]);
        }
        JsonNode example = example(content.media(), name);
        return example.isMissingNode()
            ? null
            : new Answer(status, null, content.type(), content.bytes(example));
      }
    }
    return null;
  }

  /** What is behind a reference, or the node itself; missing when it leads nowhere. */
  JsonNode resolved(JsonNode node) {
    JsonNode now = node;
    for (int i = 0; i < MOST_REFERENCES && now.path("$ref").isTextual(); i++) {
      String reference = now.path("$ref").asText();
      if (!reference.startsWith("#/")) {
        return MissingNode.getInstance();
      }
      now =
          root.at(
              URLDecoder.decode(
                  reference.substring(1).replace("+", "%2B"), StandardCharsets.UTF_8));
    }
    return now;
  }

  /**
   * The example of a parameter or a content.
   *
   * @param name of the example; empty for any
   */
  JsonNode example(JsonNode holder, String name) {
    JsonNode examples = holder.path("examples");
    JsonNode schema = resolved(holder.path("schema"));
    return Stream.of(
            resolved(examples.path(name)).path("value"),
            holder.path("example"),
            examples.isEmpty()
                ? MissingNode.getInstance()
                : resolved(examples.iterator().next()).path("value"),
            schema.path("example"),
            schema.path("examples").path(0),
            schema.path("default"),
            schema.path("const"),
            schema.path("enum").path(0))
        .filter(value -> !value.isMissingNode())
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  /**
   * The content of a body or a response that examples are taken of.
   *
   * @param type its media type; empty when there is no content
   */
  record Content(String type, JsonNode media) {

    /** JSON before anything else. */
    static Content of(JsonNode holder, OpenApiExamples document) {
      Content first = new Content("", MissingNode.getInstance());
      for (Map.Entry<String, JsonNode> entry : holder.path("content").properties()) {
        if (first.type().isEmpty() || Body.isJson(entry.getKey()) && !Body.isJson(first.type())) {
          first = new Content(entry.getKey(), document.resolved(entry.getValue()));
        }
      }
      return first;
    }

    byte[] bytes(JsonNode example) {
      return Body.isJson(type)
          ? example.toString().getBytes(StandardCharsets.UTF_8)
          : WrittenRequests.bytes(example);
    }
  }
}
