package io.belay.face.web;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.util.Json31;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.lang.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.util.ReflectionUtils;

/**
 * The schemas of records in the OpenAPI document: a component is required and never null, unless it
 * is {@link Nullable}. Each has a name of its own; a nested record's begins with its class.
 */
@Component
class RecordSchemas implements ModelConverter {

  private final Map<String, Class<?>> named = new ConcurrentHashMap<>();

  @Override
  public Schema<?> resolve(
      AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
    if (!chain.hasNext()) {
      return null;
    }
    Class<?> raw = Json31.mapper().constructType(type.getType()).getRawClass();
    if (!raw.isRecord()) {
      return chain.next().resolve(type, context, chain);
    }
    String name = name(raw);
    Schema<?> resolved = chain.next().resolve(type.name(name), context, chain);
    declare(raw, resolved);
    declare(raw, context.getDefinedModels().get(name));
    return resolved;
  }

  private String name(Class<?> raw) {
    String name = raw.getName().substring(raw.getPackageName().length() + 1).replace('$', '.');
    Class<?> other = named.putIfAbsent(name, raw);
    if (other != null && other != raw) {
      throw new IllegalStateException("%s and %s would share a schema".formatted(other, raw));
    }
    return name;
  }

  private static void declare(Class<?> raw, Schema<?> schema) {
    if (schema == null || schema.getProperties() == null) {
      return;
    }
    List<String> required = new ArrayList<>();
    for (RecordComponent component : raw.getRecordComponents()) {
      Field field = ReflectionUtils.findField(raw, component.getName());
      JsonProperty other = field.getAnnotation(JsonProperty.class);
      String property = other == null ? field.getName() : other.value();
      if (field.isAnnotationPresent(Nullable.class)) {
        schema.getProperties().computeIfPresent(property, (key, value) -> orNull(value));
      } else if (!field.isAnnotationPresent(JsonUnwrapped.class)) {
        required.add(property);
      }
    }
    schema.setRequired(required);
  }

  /** A schema without a type takes null as it is. */
  private static Schema<?> orNull(Schema<?> schema) {
    if (schema.get$ref() != null || schema.getEnum() != null) {
      return new JsonSchema().anyOf(List.of(schema, new JsonSchema().types(Set.of("null"))));
    }
    if (schema.getTypes() != null) {
      schema.addType("null");
    }
    return schema;
  }
}
