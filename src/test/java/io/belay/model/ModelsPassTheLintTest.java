package io.belay.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.model.lint.BoundInputs;
import io.belay.model.lint.ModelLint;
import io.belay.step.StepTypes;
import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is delivered passes its own lint, with the steps that there really are. */
class ModelsPassTheLintTest {

  @Test
  void deliveredModels_haveNoFinding() throws IOException {
    Map<String, byte[]> models = new LinkedHashMap<>();
    for (Path file : ModelFiles.all()) {
      models.put(
          ModelFiles.PROCESSES.relativize(file).toString().replace('\\', '/'),
          Files.readAllBytes(file));
    }
    try (ValidatorFactory validators = Validation.buildDefaultValidatorFactory()) {
      var lint = new ModelLint(StepTypes.idle(), new BoundInputs(validators.getValidator()));
      assertThat(lint.check(models)).isEmpty();
    }
  }
}
