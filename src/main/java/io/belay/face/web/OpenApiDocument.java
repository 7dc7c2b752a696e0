package io.belay.face.web;

import io.belay.model.Refusal;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem.HttpMethod;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.http.HttpStatus;
import org.springframework.lang.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Adds to the OpenAPI document how requests are refused. Which statuses an operation may answer
 * follows from what it takes; its description names those that do not.
 */
@Component
class OpenApiDocument implements OpenApiCustomizer {

  /** What {@link ApiProblems} and the filters before it answer. */
  record Problem(
      String type,
      String title,
      int status,
      String detail,
      @Nullable String instance,
      @Nullable List<Refusal.Problem> problems) {}

  private static final Set<HttpStatus> ANY =
      EnumSet.of(
          HttpStatus.BAD_REQUEST,
          HttpStatus.UNAUTHORIZED,
          HttpStatus.FORBIDDEN,
          HttpStatus.NOT_ACCEPTABLE,
          HttpStatus.PAYLOAD_TOO_LARGE,
          HttpStatus.INTERNAL_SERVER_ERROR,
          HttpStatus.SERVICE_UNAVAILABLE);

  private static final Set<HttpStatus> REFUSED =
      EnumSet.of(HttpStatus.CONFLICT, HttpStatus.UNPROCESSABLE_ENTITY);

  /** Query parameters by whose value something is looked up. */
  private static final String ENVIRONMENT = "environment";

  private static final Set<String> NAMES = Set.of(ENVIRONMENT, "run");

  private static final List<Parameter> NONE = List.of();
  private static final Pattern STATUS = Pattern.compile("\\b4\\d\\d\\b");

  OpenApiDocument() {
    SpringDocUtils.getConfig().replaceWithClass(SseEmitter.class, String.class);
  }

  @Override
  public void customise(OpenAPI document) {
    document.getInfo().title("Belay").description("Plans, runs and takes back migrations.");
    Components components = document.getComponents();
    ModelConverters.getInstance(true).readAll(Problem.class).forEach(components::addSchemas);
    components.getSchemas().remove("ProblemDetail");
    document
        .getPaths()
        .forEach(
            (path, item) ->
                item.readOperationsMap()
                    .forEach((method, operation) -> refusals(components, method, operation)));
  }

  private static void refusals(Components components, HttpMethod method, Operation operation) {
    Set<HttpStatus> statuses = EnumSet.copyOf(ANY);
    for (Parameter parameter : Objects.requireNonNullElse(operation.getParameters(), NONE)) {
      if (parameter.getIn().equals("path") || NAMES.contains(parameter.getName())) {
        statuses.add(HttpStatus.NOT_FOUND);
      }
      if (parameter.getName().equals(ENVIRONMENT)) {
        statuses.addAll(REFUSED); // which may have mistakes, or several stores
      }
    }
    if (method != HttpMethod.GET) {
      statuses.addAll(REFUSED);
    }
    if (operation.getRequestBody() != null) {
      statuses.add(HttpStatus.UNSUPPORTED_MEDIA_TYPE);
    }
    STATUS
        .matcher(Objects.requireNonNullElse(operation.getDescription(), ""))
        .results()
        .map(named -> HttpStatus.valueOf(Integer.parseInt(named.group())))
        .forEach(statuses::add);
    for (HttpStatus status : statuses) {
      String name = String.valueOf(status.value());
      components.addResponses(name, problem(status));
      operation.getResponses().put(name, new ApiResponse().$ref(name));
    }
  }

  private static ApiResponse problem(HttpStatus status) {
    return new ApiResponse()
        .description(status.getReasonPhrase())
        .content(
            new Content()
                .addMediaType(
                    org.springframework.http.MediaType.APPLICATION_PROBLEM_JSON_VALUE,
                    new MediaType()
                        .schema(
                            new Schema<>().$ref("#/components/schemas/OpenApiDocument.Problem"))));
  }
}
