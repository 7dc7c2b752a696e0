package io.belay.model.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.step.StepTypes;
import jakarta.validation.Validation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a table of the health gate must ask, in an example with the real steps. */
class AskedFiguresTest {

  private static final String TABLE = "decisions/shop-gate.dmn";

  private static List<String> findings(String asked, String instead) {
    Map<String, byte[]> models =
        new TreeMap<>(TestModels.ofDirectory(Path.of("examples/shop/processes")));
    String table = new String(models.get(TABLE), StandardCharsets.UTF_8);
    String input = "<text>%s</text>";
    assertThat(table).contains(input.formatted(asked));
    models.put(
        TABLE,
        table
            .replace(input.formatted(asked), input.formatted(instead))
            .getBytes(StandardCharsets.UTF_8));
    var inputs = new BoundInputs(Validation.buildDefaultValidatorFactory().getValidator());
    return new ModelLint(StepTypes.idle(), inputs)
        .check(CompleteSet.of(models, TestModels.ofDirectory(Path.of("processes")))).stream()
            .map(finding -> finding.element() + " " + finding.rule())
            .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"servesUsers", "userRequests", "comparison"})
  void tableThatDoesNotAskWhatUsersGot_isRefused(String figure) {
    assertThat(findings(figure, "baselineP95Ms"))
        .contains(
            "Decide_Verdict table 'shop-gate' does not ask [%s]; every table that judges 'measureHealth' asks them"
                .formatted(figure));
  }

  @Test
  void otherFigures_areTheTablesChoice() {
    assertThat(findings("excess4xx", "memoryUsage")).isEmpty();
  }
}
