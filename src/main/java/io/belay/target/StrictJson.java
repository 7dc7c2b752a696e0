package io.belay.target;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.AnnotationIntrospector;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyName;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.AnnotatedField;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.NopAnnotationIntrospector;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads what Belay once wrote: journal records, checkpoints, manifests, state files. An absent
 * value is never read as null, 0 or false: a rollback would take that for "nothing happened".
 *
 * <p>Every component of a record must be present, unless it is marked {@link MayBeAbsent}; null is
 * only what was written as null. Unknown components, unknown enum constants and values of another
 * type are refused. Components and constants are also found under their {@link FormerName}.
 */
public final class StrictJson {

  private static final Pattern ABSENT =
      Pattern.compile("Missing (?:required )?creator property '([^']+)'");
  private static final String NO_CLASS_NAMES = "`[\\w.$]*?(\\w+)`";

  private StrictJson() {}

  /** A mapper that reads strictly, with the modules and formats of the given one. */
  public static ObjectMapper over(ObjectMapper mapper) {
    ObjectMapper strict = mapper.copy();
    strict
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT);
    for (LogicalType number :
        List.of(LogicalType.Integer, LogicalType.Float, LogicalType.Boolean)) {
      strict
          .coercionConfigFor(number)
          .setCoercion(CoercionInputShape.String, CoercionAction.Fail)
          .setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail);
    }
    strict
        .coercionConfigFor(LogicalType.Boolean)
        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
    strict
        .coercionConfigFor(LogicalType.Textual)
        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
    strict.setAnnotationIntrospector(
        AnnotationIntrospector.pair(
            new Names(), mapper.getDeserializationConfig().getAnnotationIntrospector()));
    return strict;
  }

  /** What could not be read; for people. */
  public static String describe(JacksonException problem) {
    if (problem instanceof UnrecognizedPropertyException unknown) {
      return "'%s' is not known to this version".formatted(path(unknown));
    }
    String message = problem.getOriginalMessage().lines().findFirst().orElse("");
    String at = problem instanceof JsonMappingException mapping ? path(mapping) : "";
    Matcher absent = ABSENT.matcher(message);
    if (absent.find()) {
      return "'%s' is absent".formatted(at.isEmpty() ? absent.group(1) : at);
    }
    String plain =
        message
            .replaceAll(NO_CLASS_NAMES, "$1")
            .replaceAll(" \\((?:class [\\w.$]+|but [^)]*|although [^)]*)\\)", "");
    return at.isEmpty() ? plain : "'%s': %s".formatted(at, plain);
  }

  private static String path(JsonMappingException problem) {
    return problem.getPath().stream()
        .map(
            place ->
                place.getFieldName() == null ? "[" + place.getIndex() + "]" : place.getFieldName())
        .collect(Collectors.joining("."));
  }

  /**
   * @throws JsonProcessingException as Jackson does, also for a JSON {@code null}
   */
  public static <T> T read(ObjectMapper strict, byte[] json, Class<T> type)
      throws java.io.IOException {
    T value = strict.readValue(json, type);
    if (value == null) {
      throw JsonMappingException.from((com.fasterxml.jackson.core.JsonParser) null, "it is null");
    }
    return value;
  }

  /** Explains {@link FormerName} and {@link MayBeAbsent} to Jackson. */
  private static final class Names extends NopAnnotationIntrospector {

    private static final long serialVersionUID = 1;

    @Override
    public List<PropertyName> findPropertyAliases(Annotated component) {
      FormerName former = component.getAnnotation(FormerName.class);
      return former == null
          ? null
          : Stream.of(former.value()).map(PropertyName::construct).toList();
    }

    @Override
    public Boolean hasRequiredMarker(AnnotatedMember component) {
      return component.getDeclaringClass().isRecord()
          ? !component.hasAnnotation(MayBeAbsent.class)
          : null;
    }

    @Override
    public void findEnumAliases(
        MapperConfig<?> config, AnnotatedClass type, Enum<?>[] constants, String[][] aliases) {
      Map<String, String[]> former = new HashMap<>();
      for (AnnotatedField field : type.fields()) {
        FormerName names = field.getAnnotation(FormerName.class);
        if (names != null) {
          former.put(field.getName(), names.value());
        }
      }
      for (int i = 0; i < constants.length; i++) {
        if (former.containsKey(constants[i].name())) {
          aliases[i] = former.get(constants[i].name());
        }
      }
    }
  }
}
