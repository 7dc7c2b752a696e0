package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.step.StepWorld.ChangeThings;
import io.belay.step.StepWorld.Mode;
import io.belay.target.Secret;
import io.belay.target.Weight;
import jakarta.validation.Validation;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepValuesTest {

  private final StepValues values =
      new StepValues(Validation.buildDefaultValidatorFactory().getValidator());
  private final ChangeThings step = new ChangeThings();

  private ChangeThings.Input bind(Map<String, Object> inputs) {
    return values.bind(step, "changeThings", "Task_A", inputs);
  }

  @Test
  void textsBecomeTypedValues() {
    ChangeThings.Input input =
        bind(
            Map.of(
                "things", "tables",
                "weight", "50",
                "timeout", "PT1M30S",
                "paths", "/api, /health",
                "mode", "restore",
                "tool", "/usr/bin/true"));
    assertThat(input)
        .isEqualTo(
            new ChangeThings.Input(
                "tables",
                50,
                Duration.ofSeconds(90),
                List.of("/api", "/health"),
                Mode.RESTORE,
                Path.of("/usr/bin/true")));
  }

  @Test
  void everyInputOfEachStep_canBeReadFromText() {
    List<String> unreadable = new ArrayList<>();
    for (StepDelegate<?, ?> one : StepTypes.idle()) {
      for (RecordComponent component : one.inputType().getRecordComponents()) {
        try {
          values.read(one, "step", "Task", Map.of(component.getName(), "x"));
        } catch (InvalidStepInput refused) {
          if (refused.getMessage().contains("No converter found")) {
            unreadable.add(component.toString());
          }
        }
      }
    }
    assertThat(unreadable).isEmpty();
  }

  @Test
  void typedValuesOfTheEngine_areTakenToo() {
    ChangeThings.Input input =
        bind(Map.of("weight", 50L, "paths", List.of("/a,b", "/c"), "timeout", "24h"));
    assertThat(input.weight()).isEqualTo(50);
    assertThat(input.paths()).containsExactly("/a,b", "/c");
    assertThat(input.timeout()).isEqualTo(Duration.ofHours(24));
  }

  @Test
  void whatIsNotGiven_hasItsDefault_alsoWhenItIsNullOrBlank() {
    Map<String, Object> inputs = new HashMap<>();
    inputs.put("things", null);
    inputs.put("weight", "  ");
    ChangeThings.Input input = bind(inputs);
    assertThat(input.things()).isEqualTo("all");
    assertThat(input.weight()).isEqualTo(10);
    assertThat(input.paths()).containsExactly("a", "b");
    assertThat(input.tool()).isNull();
  }

  /** A weight is a number for the engine: whole where it is whole. */
  record Shares(Weight weight, Weight previous) {}

  @Test
  void weights_areVariablesThatAreNumbers() {
    assertThat(values.variables(new Shares(Weight.of(25), Weight.valueOf("0.05"))))
        .isEqualTo(Map.of("weight", 25, "previous", 0.05));
  }

  @Test
  void variablesThatAreNoInput_areIgnored() {
    assertThat(bind(Map.of("somethingElse", "x"))).isEqualTo(bind(Map.of()));
  }

  @ParameterizedTest
  @CsvSource({
    "weight, ten, weight",
    "weight, 101, less than or equal to 100",
    "weight, -1, greater than or equal to 0",
    "timeout, soon, timeout",
    "mode, BURN, mode"
  })
  void brokenRule_namesElementStepInputAndRule(String name, String value, String rule) {
    assertThatThrownBy(() -> bind(Map.of(name, value)))
        .isInstanceOf(InvalidStepInput.class)
        .hasMessageContainingAll("Task_A", "changeThings", name, rule);
  }

  @ParameterizedTest
  @CsvSource({"${1+1}", "#{1+1}", "${systemProperties}", "${user.home}", "${java.version:x}"})
  void expressionInAValue_staysText(String text) {
    assertThat(bind(Map.of("things", text)).things()).isEqualTo(text);
    assertThat(bind(Map.of("paths", List.of(text))).paths()).containsExactly(text);
  }

  record Scalars(
      String text,
      int number,
      double share,
      boolean yes,
      Verdict verdict,
      Instant at,
      Duration d) {}

  @Test
  void scalars_becomeVariables() {
    assertThat(
            values.variables(
                new Scalars("t", 1, 0.5, true, Verdict.FAIL, Instant.EPOCH, Duration.ofMinutes(1))))
        .containsEntry("text", "t")
        .containsEntry("number", 1)
        .containsEntry("share", 0.5)
        .containsEntry("yes", true)
        .containsEntry("verdict", "FAIL")
        .containsEntry("at", "1970-01-01T00:00:00Z")
        .containsEntry("d", "PT1M");
  }

  record Lists(List<String> all) {}

  record Secrets(Secret password) {}

  record Texts(String text) {}

  @Test
  void whatIsNoScalar_isRefused() {
    assertThatThrownBy(() -> values.variables(new Lists(List.of("a"))))
        .hasMessageContainingAll("all", "Lists", "only scalars");
    assertThatThrownBy(() -> values.variables(new Secrets(Secret.of("hidden"))))
        .hasMessageContainingAll("password", "secrets never")
        .hasMessageNotContaining("hidden");
  }

  @Test
  void textFromOutside_losesItsControlCharacters_beforeTheDatabaseRefusesIt() {
    String binary = "\0PNG\u001b[2J\u0085 one\r\n\ttwo ü";
    String plain = "\uFFFDPNG\uFFFD[2J\uFFFD one\r\n\ttwo ü";
    assertThat(values.variables(new Texts(binary))).isEqualTo(Map.of("text", plain));
    Map<String, String> carried = Map.of("id", binary);
    assertThat(values.variables(new Named(NamedValues.ofTexts(carried))))
        .isEqualTo(Map.of("id", plain));
    assertThat(StepFailures.describe(new IllegalStateException(binary))).isEqualTo(plain);
    assertThat(values.variables(new Texts(null))).containsEntry("text", null);
  }

  record Named(NamedValues all) {}

  @Test
  void resultThatNobodyHas_writesOnlyVariablesThatTheStepMayWrite() {
    StepCatalog catalog = new StepCatalog(StepTypes.idle(), values);
    for (StepDelegate<?, ?> one : catalog.all()) {
      assertThat(catalog.resultsOf(StepNames.of(one.getClass()), input -> null, "reason"))
          .as(one.getClass().getSimpleName())
          .containsAll(StepValues.absent(one.resultType()).keySet());
    }
  }

  @Test
  void textOfTheGreatestLength_isTaken_oneMoreIsRefused() {
    assertThat(values.variables(new Texts("x".repeat(4000)))).containsKey("text");
    assertThatThrownBy(() -> values.variables(new Texts("x".repeat(4001))))
        .hasMessageContainingAll("text", "4001", "4000");
  }
}
