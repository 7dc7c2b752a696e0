package io.belay.model.mutation;

import io.belay.model.ModelFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The delivered models, and all their mutants. */
final class Mutants {

  /** Whether all mutants are asked for, and not a sample. */
  static final boolean ALL = Boolean.getBoolean("belay.mutants.all");

  /** What the sample's choice begins with. */
  static final long SEED = Long.getLong("belay.mutants.seed", 1);

  private static final Pattern REFERENCE =
      Pattern.compile("(?:calledElement|decisionRef|formRef)=\"([^\"]+)\"");

  /** Values of inputs: a phase is given its decision table by name. */
  private static final Pattern GIVEN =
      Pattern.compile("(?:defaultValue|sourceExpression)=\"([^\"]+)\"");

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
        String content = new String(originals.get(file), StandardCharsets.UTF_8);
        Matcher given = GIVEN.matcher(content);
        while (given.find()) {
          open.add("decisions/" + given.group(1) + ".dmn");
        }
        Matcher reference = REFERENCE.matcher(content);
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

  /** Not of a part for runbooks of one's own: most rules ask how a runbook uses it. */
  static List<Mutant> all(Map<String, byte[]> originals) {
    List<Map<String, byte[]>> sets = runbooks(originals);
    return originals.entrySet().stream()
        .filter(model -> sets.stream().anyMatch(set -> set.containsKey(model.getKey())))
        .flatMap(
            model ->
                of(model.getKey(), new String(model.getValue(), StandardCharsets.UTF_8)).stream())
        .toList();
  }

  /** The mutants in an order by chance in which each kind of change has its turn. */
  static List<Mutant> mixed(List<Mutant> mutants, long seed) {
    List<Mutant> shuffled = new ArrayList<>(mutants);
    Collections.shuffle(shuffled, new Random(seed));
    Map<String, Integer> turns = new HashMap<>();
    Map<Mutant, Integer> turn = new IdentityHashMap<>();
    shuffled.forEach(mutant -> turn.put(mutant, turns.merge(mutant.operator(), 1, Integer::sum)));
    shuffled.sort(Comparator.comparing(turn::get));
    return shuffled;
  }

  private static List<Mutant> of(String file, String text) {
    if (file.endsWith(".bpmn")) {
      return BpmnMutations.of(file, text);
    }
    return file.endsWith(".dmn") ? DecisionMutations.of(file, text) : List.of();
  }
}
