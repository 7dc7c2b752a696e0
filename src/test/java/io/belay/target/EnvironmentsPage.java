package io.belay.target;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Writes the tables of {@code docs/environments.md}, one for each type, from the records. The text
 * between them is written by people and stays. A section of a new type is added at the end.
 */
final class EnvironmentsPage {

  static final Path PAGE = Path.of("docs/environments.md");

  private EnvironmentsPage() {}

  /** {@code ./belay docs}. */
  public static void main(String[] arguments) throws IOException {
    Files.writeString(PAGE, upToDate(Files.readString(PAGE), AllTargetTypes.types()));
  }

  static String upToDate(String page, TargetTypes types) {
    String result = page;
    for (String name : types.names()) {
      String section = section(types.named(name).orElseThrow());
      Matcher there =
          Pattern.compile(Pattern.quote(heading(name)) + "\n\n[^\n]+\n\n(\\|[^\n]*\n)+")
              .matcher(result);
      result =
          there.find()
              ? result.substring(0, there.start()) + section + result.substring(there.end())
              : result.stripTrailing() + "\n\n" + section;
    }
    return result;
  }

  static String heading(String name) {
    return "## `type: " + name + "`";
  }

  private static String section(TargetType<?> type) {
    RecordComponent[] components = type.settings().getRecordComponents();
    Parameter[] parameters = canonical(type.settings(), components).getParameters();
    Described described = type.settings().getAnnotation(Described.class);
    return heading(type.name())
        + "\n\n"
        + described.value()
        + "\n\n| key | default | |\n|---|---|---|\n"
        + IntStream.range(0, components.length)
            .mapToObj(i -> row(components[i], parameters[i]))
            .collect(Collectors.joining());
  }

  /** Whose parameters carry the annotations of other frameworks. */
  private static Constructor<?> canonical(Class<?> type, RecordComponent... components) {
    try {
      return type.getDeclaredConstructor(
          Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e);
    }
  }

  private static String row(RecordComponent component, Parameter parameter) {
    Described described = component.getAnnotation(Described.class);
    String text = described == null ? "" : described.value();
    return "| `%s` | %s | %s |%n"
        .formatted(
            TargetBinding.dashed(component.getName()),
            absent(parameter, described),
            component.getType() == Command.class ? (text + " (a command)").strip() : text);
  }

  private static String absent(Parameter parameter, Described described) {
    DefaultValue value = parameter.getAnnotation(DefaultValue.class);
    if (described != null && !described.absent().isEmpty()) {
      return described.absent();
    } else if (value != null) {
      String values =
          Stream.of(value.value())
              .filter(one -> !one.isEmpty())
              .map(one -> "`" + written(parameter, one) + "`")
              .collect(Collectors.joining(", "));
      return values.isEmpty() ? "none" : values;
    }
    boolean required =
        Stream.of(NotNull.class, NotBlank.class, NotEmpty.class)
            .anyMatch(parameter::isAnnotationPresent);
    return required ? "**required**" : "none";
  }

  private static String written(Parameter parameter, String value) {
    return parameter.getType().isEnum() ? value.toLowerCase(Locale.ROOT).replace('_', '-') : value;
  }
}
