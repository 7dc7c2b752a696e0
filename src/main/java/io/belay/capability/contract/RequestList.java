package io.belay.capability.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * The requests of a file, in its order: a HAR file (with {@code log}), an OpenAPI document (with
 * {@code openapi}), or a list (with {@code requests}, or nothing but the list).
 *
 * @param credentials that stand in the file, for masking
 */
record RequestList(List<RecordedRequest> requests, List<Secret> credentials) {

  private static final int MOST_BYTES = 32 << 20;
  private static final int MOST_REQUESTS = 1_000;

  /** Shorter parts of a credential, such as "Bearer", are words of their own. */
  private static final int SHORTEST_CREDENTIAL = 8;

  /**
   * @throws TargetException with all that is wrong with the file
   */
  static RequestList read(RequestsTarget target) {
    List<String> problems = new ArrayList<>();
    Set<String> credentials = new LinkedHashSet<>();
    List<RecordedRequest> requests = List.of();
    JsonNode root = parsed(target.file(), problems);
    if (root != null && root.has("log")) {
      requests = new HarFile(target, credentials, problems).requests(root);
    } else if (root != null && root.has("openapi")) {
      requests = new OpenApiExamples(root, problems).requests();
    } else if (root != null) {
      requests = new WrittenRequests(problems).requests(root);
    }
    if (problems.isEmpty() && requests.isEmpty()) {
      problems.add("has no requests");
    }
    if (requests.size() > MOST_REQUESTS) {
      problems.add("has more than %d requests".formatted(MOST_REQUESTS));
    }
    if (!problems.isEmpty()) {
      throw new TargetException("%s: %s".formatted(target.file(), String.join("; ", problems)));
    }
    requests.forEach(request -> credentials.addAll(request.credentials()));
    return new RequestList(requests, secrets(credentials));
  }

  private static List<Secret> secrets(Set<String> credentials) {
    return credentials.stream()
        .flatMap(value -> Stream.concat(Stream.of(value), Arrays.stream(value.split("[;,=\\s]+"))))
        .filter(part -> part.length() >= SHORTEST_CREDENTIAL)
        .distinct()
        .map(Secret::of)
        .toList();
  }

  private static JsonNode parsed(Path file, List<String> problems) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        problems.add("is larger than %d MiB".formatted(MOST_BYTES >> 20));
        return null;
      }
      String text = Files.readString(file).replaceFirst("^\uFEFF", "");
      return text.stripLeading().matches("(?s)[{\\[].*")
          ? Body.JSON.reader().with(StreamReadFeature.STRICT_DUPLICATE_DETECTION).readTree(text)
          : Body.JSON.valueToTree(YamlText.read(text, MOST_BYTES));
    } catch (JsonProcessingException e) {
      problems.add(
          "is no JSON: %s, line %d"
              .formatted(
                  e.getOriginalMessage().lines().findFirst().orElse(""),
                  e.getLocation() == null ? 0 : e.getLocation().getLineNr()));
    } catch (MarkedYAMLException e) {
      problems.add(
          "is no YAML: %s, line %d"
              .formatted(
                  e.getProblem(),
                  e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1));
    } catch (YAMLException | IllegalArgumentException e) {
      problems.add("is no YAML: " + e.getMessage().lines().findFirst().orElse(""));
    } catch (IOException e) {
      problems.add("cannot be read as UTF-8 text (%s)".formatted(e.getClass().getSimpleName()));
    }
    return null;
  }

  /** How many could be compared. */
  long comparable(boolean againstRecorded) {
    Predicate<RecordedRequest> sent = request -> request.notSent(againstRecorded).isEmpty();
    return requests.stream().filter(sent).count();
  }
}
