package io.belay.process.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.step.StepDelegate;
import jakarta.validation.Validation;
import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AssignableTypeFilter;

/** The models that Belay brings are in order, with the steps that there are. */
class ProcessesTest {

  @Test
  void modelsThatBelayBrings_haveNoFindings() throws Exception {
    ModelLint lint =
        new ModelLint(
            steps(), new BoundInputs(Validation.buildDefaultValidatorFactory().getValidator()));

    assertThat(lint.check(TestModels.ofDirectory(Path.of("processes")))).isEmpty();
  }

  /** All delegates, without what they work with: the lint asks for types and effects only. */
  private static List<StepDelegate<?, ?>> steps() throws ReflectiveOperationException {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AssignableTypeFilter(StepDelegate.class));
    List<StepDelegate<?, ?>> steps = new ArrayList<>();
    for (var found : scanner.findCandidateComponents("io.belay")) {
      Class<?> type = Class.forName(found.getBeanClassName());
      if (type.isAnnotationPresent(org.springframework.stereotype.Component.class)) {
        Constructor<?> constructor = type.getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        steps.add(
            (StepDelegate<?, ?>)
                constructor.newInstance(new Object[constructor.getParameterCount()]));
      }
    }
    return steps;
  }
}
