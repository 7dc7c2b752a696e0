package io.belay.step;

import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/** The name by which models, journal and metrics call a step: its bean name. */
final class StepNames {

  private StepNames() {}

  static String of(Class<?> delegate) {
    return StringUtils.uncapitalize(ClassUtils.getUserClass(delegate).getSimpleName());
  }
}
