package io.belay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** {@code docs/rest.md} shows every call, and each body with all its fields. */
class RestPageTest {

  private static final Path PAGE = Path.of("docs/rest.md");

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** A call in a heading with a block of JSON somewhere below it, or in a row of a table. */
  private static final Pattern BODY =
      Pattern.compile(
          "(?ms)^### `(\\S+ \\S+)`(?:(?!^#).)*?^```json\\n(.*?)^```"
              + "|^\\| `(\\S+ \\S+)` \\| (?:optional: )?`(\\{.*?\\})` \\|");

  private static final Pattern CALL =
      Pattern.compile("`((?:GET|POST|PUT|DELETE) /api/(?:\\{[^}]*}|[^`?\\s{])*)");

  @Test
  void everyCall_isOnThePage() throws IOException {
    String page = Files.readString(PAGE);
    assertThat(calls().keySet()).allSatisfy(call -> assertThat(page).contains("`" + call + "`"));
  }

  @Test
  void everyCallThatPagesName_exists() throws IOException {
    List<String> known = List.copyOf(calls().keySet());
    try (Stream<Path> files = Files.walk(Path.of("docs"))) {
      for (Path page : (Iterable<Path>) files.filter(f -> f.toString().endsWith(".md"))::iterator) {
        Matcher call = CALL.matcher(Files.readString(page));
        while (call.find()) {
          String name = call.group(1).replaceAll("\\{[^}]*}", "{}");
          assertThat(known)
              .as("%s: %s", page, call.group(1))
              .anyMatch(
                  other ->
                      other.replaceAll("\\{[^}]*}", "{}").equals(name)
                          || name.equals("GET /api/docs")
                          || name.endsWith("*"));
        }
      }
    }
  }

  @Test
  void everyBody_isShownWithAllItsFields_asItIsRead() throws Exception {
    Map<String, String> shown = new TreeMap<>();
    Matcher body = BODY.matcher(Files.readString(PAGE));
    while (body.find()) {
      shown.put(
          body.group(1) == null ? body.group(3) : body.group(1),
          body.group(2) == null ? body.group(4) : body.group(2));
    }
    for (Map.Entry<String, Method> call : calls().entrySet()) {
      Class<?> type = bodyType(call.getValue());
      if (type == null || !type.isRecord() || type.getSimpleName().equals("TargetIdentity")) {
        continue;
      }
      assertThat(shown).as("body of %s", call.getKey()).containsKey(call.getKey());
      JsonNode example = JSON.readTree(shown.get(call.getKey()));
      JSON.treeToValue(example, type);
      assertThat(example.fieldNames())
          .as("body of %s", call.getKey())
          .toIterable()
          .containsExactlyInAnyOrderElementsOf(
              Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList());
    }
  }

  private static Class<?> bodyType(Method method) {
    return Arrays.stream(method.getParameters())
        .filter(parameter -> parameter.isAnnotationPresent(RequestBody.class))
        .map(Parameter::getType)
        .findFirst()
        .orElse(null);
  }

  private static Map<String, Method> calls() {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(RestController.class));
    Map<String, Method> calls = new TreeMap<>();
    scanner.findCandidateComponents("io.belay").stream()
        .map(found -> ClassUtils.resolveClassName(found.getBeanClassName(), null))
        .filter(type -> type.getProtectionDomain().equals(Belay.class.getProtectionDomain()))
        .forEach(type -> collect(type, calls));
    assertThat(calls).hasSizeGreaterThan(40);
    return calls;
  }

  private static void collect(Class<?> type, Map<String, Method> calls) {
    RequestMapping whole = AnnotatedElementUtils.findMergedAnnotation(type, RequestMapping.class);
    List<String> prefixes = whole == null ? List.of("") : Arrays.asList(whole.path());
    for (Method method : type.getDeclaredMethods()) {
      RequestMapping one = AnnotatedElementUtils.findMergedAnnotation(method, RequestMapping.class);
      if (one == null) {
        continue;
      }
      for (RequestMethod verb : one.method()) {
        for (String prefix : prefixes) {
          for (String path : one.path().length == 0 ? new String[] {""} : one.path()) {
            calls.put(verb + " " + prefix + path, method);
          }
        }
      }
    }
  }
}
