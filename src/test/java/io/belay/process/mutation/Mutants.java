package io.belay.process.mutation;

import io.belay.process.ModelFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The delivered models, and all their mutants. */
final class Mutants {

  private static final Pattern REFERENCE =
      Pattern.compile("(?:calledElement|decisionRef|formRef)=\"([^\"]+)\"");

  private Mutants() {}

  /** Content by name, as the lint takes it. */
  static Map<String, byte[]> originals() throws IOException {
    Map<String, byte[]> models = new LinkedHashMap<>();
    for (Path file : ModelFiles.all()) {
      models.put(
          ModelFiles.PROCESSES.relativize(file).toString().replace('\\', '/'),
          Files.readAllBytes(file));
    }
    return models;
  }

  /** The files of each runbook, with all that it refers to. */
  static List<Map<String, byte[]>> runbooks(Map<String, byte[]> originals) {
    return originals.keySet().stream()
        .filter(name -> name.startsWith("runbooks/"))
        .map(runbook -> closure(runbook, originals))
        .toList();
  }

  /** The smallest of these sets that holds the file. */
  static Map<String, byte[]> around(String file, List<Map<String, byte[]>> sets) {
    return sets.stream()
        .filter(set -> set.containsKey(file))
        .min(Comparator.comparing(Map::size))
        .orElseThrow();
  }

  private static Map<String, byte[]> closure(String runbook, Map<String, byte[]> originals) {
    Map<String, byte[]> set = new LinkedHashMap<>();
    Deque<String> open = new ArrayDeque<>(List.of(runbook));
    while (!open.isEmpty()) {
      String file = open.pop();
      if (originals.containsKey(file) && set.put(file, originals.get(file)) == null) {
        Matcher reference =
            REFERENCE.matcher(new String(originals.get(file), StandardCharsets.UTF_8));
        while (reference.find()) {
          String name = reference.group(1);
          open.addAll(
              List.of(
                  "phases/" + name + ".bpmn",
                  "decisions/" + name + ".dmn",
                  "forms/" + name + ".form"));
        }
      }
    }
    return set;
  }

  static List<Mutant> all(Map<String, byte[]> originals) {
    return originals.entrySet().stream()
        .flatMap(
            model ->
                of(model.getKey(), new String(model.getValue(), StandardCharsets.UTF_8)).stream())
        .toList();
  }

  private static List<Mutant> of(String file, String text) {
    if (file.endsWith(".bpmn")) {
      return BpmnMutations.of(file, text);
    }
    return file.endsWith(".dmn") ? DecisionMutations.of(file, text) : List.of();
  }
}
