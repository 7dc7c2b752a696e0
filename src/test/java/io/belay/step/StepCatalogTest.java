package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.validation.Validation;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StepCatalogTest {

  private final StepCatalog steps =
      new StepCatalog(
          StepTypes.idle(),
          new StepValues(Validation.buildDefaultValidatorFactory().getValidator()));

  @Test
  void resultsThatAnInputNames_areThoseOfItsLines() {
    Map<String, Object> inputs = Map.of("numbers", "a = exit x\nb = exit y");

    assertThat(steps.resultsOf("measureNumbers", inputs::get, "z"))
        .containsExactlyInAnyOrder("complete", "missing", "a", "b");
    assertThat(steps.resultsOf("measureNumbers", name -> null, "z"))
        .containsExactlyInAnyOrder("complete", "missing");
  }

  @Test
  void resultsThatATargetNames_mayHaveAnyName_andOthersNot() {
    assertThat(steps.resultsOf("callHttp", name -> null, "z"))
        .containsExactlyInAnyOrder("changed", "z");
    assertThat(steps.resultsOf("runCommand", name -> null, "z")).doesNotContain("z");
  }
}
