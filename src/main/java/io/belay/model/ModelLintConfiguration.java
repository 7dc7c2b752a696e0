package io.belay.model;

import io.belay.model.lint.BoundInputs;
import io.belay.model.lint.ModelLint;
import io.belay.step.StepCatalog;
import io.belay.target.ProtectedTargets;
import jakarta.validation.Validator;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class ModelLintConfiguration {

  @Bean
  ModelLint modelLint(
      StepCatalog steps,
      Validator validator,
      @Value("${belay.environments:environments}") String environments) {
    return new ModelLint(
        steps.all(), new BoundInputs(validator), () -> ProtectedTargets.in(Path.of(environments)));
  }
}
