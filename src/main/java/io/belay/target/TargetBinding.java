package io.belay.target;

import io.belay.target.InvalidEnvironment.Problem;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import java.beans.PropertyEditorSupport;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.beans.PropertyEditorRegistry;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.convert.converter.Converter;

/** Binds the settings of one target to its record, and collects all mistakes in them. */
final class TargetBinding {

  private static final String ROOT = "t";
  private static final Validator VALIDATOR =
      Validation.buildDefaultValidatorFactory().getValidator();
  private static final ApplicationConversionService CONVERSION = conversion();

  private final String key;
  private final List<Problem> problems;

  TargetBinding(String key, List<Problem> problems) {
    this.key = key;
    this.problems = problems;
  }

  private static ApplicationConversionService conversion() {
    ApplicationConversionService conversion = new ApplicationConversionService();
    Converter<String, Secret> secret = Secret::of;
    conversion.addConverter(String.class, Secret.class, secret);
    return conversion;
  }

  /** Needed because Spring's own editor prefers a file of that name on the class path. */
  private static void plainPaths(PropertyEditorRegistry editors) {
    editors.registerCustomEditor(
        Path.class,
        new PropertyEditorSupport() {
          @Override
          public void setAsText(String text) {
            setValue(text.isBlank() ? null : Path.of(text.strip()));
          }
        });
  }

  /** The target, which must not be used if problems were added. */
  <T extends Target> T bind(Map<String, Object> settings, Class<T> type) {
    Shape.check(settings, type, key, problems);
    Map<String, String> flat = new LinkedHashMap<>();
    flatten(settings, ROOT, flat);
    Binder binder =
        new Binder(
            List.of(new MapConfigurationPropertySource(flat)),
            null,
            CONVERSION,
            TargetBinding::plainPaths);
    T target = binder.bindOrCreate(ROOT, Bindable.of(type), new Collecting());
    for (ConstraintViolation<T> violation : VALIDATOR.validate(target)) {
      report(dashed(violation.getPropertyPath().toString()), violation.getMessage());
    }
    return target;
  }

  private static void flatten(Object value, String name, Map<String, String> flat) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, item) -> flatten(item, name + element(key.toString()), flat));
    } else if (value instanceof List<?> list) {
      if (list.isEmpty()) {
        flat.put(name, ""); // an empty value is not an absent one
      }
      for (int i = 0; i < list.size(); i++) {
        flatten(list.get(i), name + "[" + i + "]", flat);
      }
    } else {
      flat.put(name, value.toString());
    }
  }

  /** Puts a key in brackets, which keep its underscores and dots ({@code LARK_APP_ID}). */
  private static String element(String key) {
    return key.matches("[A-Za-z][A-Za-z0-9-]*") ? "." + key : "[" + key + "]";
  }

  private void report(String path, String rule) {
    String full = path.isEmpty() ? key : key + "." + path;
    boolean known =
        problems.stream()
            .map(Problem::key)
            .anyMatch(k -> k.equals(full) || k.startsWith(full + ".") || k.startsWith(full + "["));
    if (!known) { // one problem per mistake
      problems.add(new Problem(full, rule));
    }
  }

  static String dashed(String path) {
    return path.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
  }

  /** Records what cannot be converted and goes on with the next key. */
  private final class Collecting extends AbstractBindHandler {

    @Override
    public Object onFailure(
        ConfigurationPropertyName name, Bindable<?> target, BindContext context, Exception error) {
      if (!(error instanceof UnboundConfigurationPropertiesException)) { // rest of a broken list
        String path = name.toString().substring(ROOT.length()).replaceFirst("^\\.", "");
        report(path, Shape.rule(target.getType().resolve(Object.class)));
      }
      return null;
    }
  }
}
