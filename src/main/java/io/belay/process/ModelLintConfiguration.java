package io.belay.process;

import io.belay.process.lint.ModelLint;
import io.belay.step.StepCatalog;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class ModelLintConfiguration {

  @Bean
  ModelLint modelLint(StepCatalog steps) {
    return new ModelLint(steps.all(), steps::problemOf);
  }
}
