package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.springdoc.webmvc.api.OpenApiWebMvcResource;
import org.springframework.http.server.PathContainer;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * What the OpenAPI document promises of the answers of the REST interface. It is taken at its word:
 * a field that it does not name is as wrong as one that is missing.
 */
final class OpenApiContract {

  private static final String PLACE = "https://belay.test/openapi";

  private final JsonNode document;
  private final List<PathPattern> paths;
  private final JsonSchemaFactory schemas;

  private OpenApiContract(JsonNode document) {
    this.document = document;
    this.paths =
        names(document.path("paths"))
            .map(PathPatternParser.defaultInstance::parse)
            .sorted(Comparator.naturalOrder())
            .toList();
    close(document.at("/components/schemas"));
    this.schemas =
        JsonSchemaFactory.getInstance(
            VersionFlag.V202012,
            factory ->
                factory.schemaLoaders(
                    loaders -> loaders.schemas(Map.of(PLACE, document.toString()))));
  }

  static OpenApiContract of(OpenApiWebMvcResource published) throws JsonProcessingException {
    return new OpenApiContract(
        new ObjectMapper()
            .readTree(
                new String(
                    published.openapiJson(
                        new MockHttpServletRequest("GET", "/api/openapi"),
                        "/api/openapi",
                        Locale.ENGLISH),
                    StandardCharsets.UTF_8)));
  }

  private static void close(JsonNode node) {
    if (node instanceof ObjectNode schema
        && schema.path("properties").isObject()
        && schema.path("type").isTextual()
        && !schema.has("additionalProperties")) {
      schema.put("additionalProperties", false);
    }
    node.forEach(OpenApiContract::close);
  }

  private static Stream<String> names(JsonNode object) {
    return StreamSupport.stream(
        ((Iterable<String>) object::fieldNames).spliterator(), /* parallel= */ false);
  }

  void check(HttpResponse<?> answer) {
    String path = answer.request().uri().getRawPath();
    String method = answer.request().method().toLowerCase(Locale.ROOT);
    if (!path.startsWith("/api/") || path.matches("/api/(openapi|docs|swagger-ui)\\b.*")) {
      return;
    }
    Optional<PathPattern> pattern =
        paths.stream().filter(it -> it.matches(PathContainer.parsePath(path))).findFirst();
    JsonPointer operation =
        pointer("paths", pattern.map(PathPattern::getPatternString).orElse(""), method);
    boolean json =
        answer.headers().firstValue("Content-Type").orElse("").matches("(?i)[^;]*json(;.*)?");
    if (document.at(operation).isMissingNode()) {
      assertThat(answer.statusCode())
          .as("%s %s, which the OpenAPI document does not name", method, path)
          .isGreaterThanOrEqualTo(300);
      if (json) {
        fits(answer, pointer("components", "schemas", "OpenApiDocument.Problem"));
      }
      return;
    }
    JsonPointer response =
        operation.append(pointer("responses", String.valueOf(answer.statusCode())));
    assertThat(document.at(response).isMissingNode())
        .as("the OpenAPI document has no status %s of %s", answer.statusCode(), operation)
        .isFalse();
    if (json) {
      fits(answer, resolved(response).append(pointer("content", mediaType(answer), "schema")));
    }
  }

  private JsonPointer resolved(JsonPointer response) {
    JsonNode reference = document.at(response).path("$ref");
    return reference.isTextual() ? JsonPointer.compile(reference.asText().substring(1)) : response;
  }

  private static String mediaType(HttpResponse<?> answer) {
    return answer.headers().firstValue("Content-Type").orElse("").replaceAll("\\s*;.*", "");
  }

  private void fits(HttpResponse<?> answer, JsonPointer schema) {
    assertThat(document.at(schema).isMissingNode())
        .as("the OpenAPI document has no %s", schema)
        .isFalse();
    JsonSchema expected =
        schemas.getSchema(
            SchemaLocation.of(PLACE + "#" + schema),
            SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build());
    try {
      assertThat(expected.validate(new ObjectMapper().readTree(answer.body().toString())))
          .as("%s against %s: %s", answer, schema, answer.body())
          .isEmpty();
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static JsonPointer pointer(String... parts) {
    StringBuilder text = new StringBuilder();
    for (String part : parts) {
      text.append('/').append(part.replace("~", "~0").replace("/", "~1"));
    }
    return JsonPointer.compile(text.toString());
  }
}
