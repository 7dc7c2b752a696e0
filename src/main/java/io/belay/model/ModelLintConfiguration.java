package io.belay.model;

import io.belay.model.lint.BoundInputs;
import io.belay.model.lint.ModelLint;
import io.belay.step.StepCatalog;
import jakarta.validation.Validator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class ModelLintConfiguration {

  @Bean
  ModelLint modelLint(StepCatalog steps, Validator validator) {
    return new ModelLint(steps.all(), new BoundInputs(validator));
  }
}
