package io.belay.face.web;

import io.belay.model.lint.BoundInputs;
import io.belay.model.lint.Finding;
import io.belay.model.lint.ModelLint;
import jakarta.validation.Validator;
import java.util.List;
import java.util.Map;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/** Accepts every model: what the engine promises must not depend on the lint. */
@TestConfiguration(proxyBeanMethods = false)
class WithoutLint {

  @Bean
  @Primary
  ModelLint withoutLint(Validator validator) {
    return new ModelLint(List.of(), new BoundInputs(validator)) {
      @Override
      public List<Finding> check(Map<String, byte[]> models) {
        return List.of();
      }
    };
  }
}
