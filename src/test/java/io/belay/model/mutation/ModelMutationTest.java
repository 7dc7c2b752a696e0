package io.belay.model.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.model.lint.BoundInputs;
import io.belay.model.lint.ModelLint;
import io.belay.step.StepTypes;
import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The delivered models, changed in one place each, against the lint. {@code target/mutants.txt}
 * then has the count by operator, and each mutant that the lint lets through. All mutants are tried
 * by {@code ./belay mutants}; a build tries a sample of each kind.
 */
class ModelMutationTest {

  private static final int SAMPLE = 200;

  /** Beyond the sample, so many of each of the worst kinds. */
  private static final int OF_EACH = 25;

  /** Mistakes that the lint finds wherever they are made. */
  private static final Set<String> ALWAYS_REFUSED =
      Set.of(
          "boundary event made to run beside",
          "condition accepts no data",
          "condition asks another variable",
          "gateway bypassed",
          "hit policy changed",
          "interrupt made to run beside",
          "phase deleted",
          "phases swapped",
          "rule passes",
          "undo not hung on a phase",
          "undo throw deleted",
          "undos swapped");

  private final Map<String, byte[]> originals = new LinkedHashMap<>();
  private List<Map<String, byte[]>> sets;
  private ValidatorFactory validators;
  private ModelLint lint;

  @BeforeEach
  void read() throws IOException {
    originals.putAll(Mutants.originals());
    sets = Mutants.runbooks(originals);
    validators = Validation.buildDefaultValidatorFactory();
    lint = new ModelLint(StepTypes.idle(), new BoundInputs(validators.getValidator()));
  }

  @AfterEach
  void close() {
    validators.close();
  }

  @Test
  void modelsThatWereOnlyReadAndWritten_areAccepted() {
    for (Map<String, byte[]> set : sets) {
      Map<String, byte[]> unchanged = new LinkedHashMap<>(set);
      unchanged.replaceAll(
          (file, content) ->
              file.endsWith(".bpmn")
                  ? BpmnMutations.unchanged(new String(content, StandardCharsets.UTF_8))
                  : content);
      assertThat(lint.check(unchanged)).isEmpty();
    }
  }

  @Test
  void mutants_ofTheWorstKinds_areAllRefused() throws IOException {
    Map<String, int[]> counts = new TreeMap<>();
    List<Mutant> survivors = new ArrayList<>();
    List<Mutant> all = Mutants.mixed(Mutants.all(originals), Mutants.SEED);
    for (int i = 0; i < all.size(); i++) {
      Mutant mutant = all.get(i);
      int[] count = counts.computeIfAbsent(mutant.operator(), key -> new int[2]);
      boolean worst = ALWAYS_REFUSED.contains(mutant.operator());
      if (!Mutants.ALL && i >= SAMPLE && !(worst && count[0] < OF_EACH)) {
        continue;
      }
      Map<String, byte[]> changed = new LinkedHashMap<>(Mutants.around(mutant.file(), sets));
      changed.put(mutant.file(), mutant.content());
      count[0]++;
      if (lint.check(changed).isEmpty()) {
        count[1]++;
        survivors.add(mutant);
      }
    }
    write(counts, survivors);
    assertThat(ALWAYS_REFUSED).allMatch(kind -> counts.get(kind)[0] > 0);
    assertThat(survivors)
        .filteredOn(mutant -> ALWAYS_REFUSED.contains(mutant.operator()))
        .isEmpty();
  }

  private static void write(Map<String, int[]> counts, List<Mutant> survivors) throws IOException {
    List<String> lines = new ArrayList<>();
    counts.forEach(
        (operator, count) -> lines.add("| %s | %d | %d |".formatted(operator, count[0], count[1])));
    survivors.forEach(mutant -> lines.add(mutant.toString()));
    Files.write(Path.of("target/mutants.txt"), lines);
  }
}
