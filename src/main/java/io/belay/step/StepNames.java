package io.belay.step;

import io.belay.target.FormerName;
import java.util.ArrayList;
import java.util.List;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/** The name by which models, journal and metrics call a step: its bean name. */
final class StepNames {

  private StepNames() {}

  static String of(Class<?> delegate) {
    return StringUtils.uncapitalize(ClassUtils.getUserClass(delegate).getSimpleName());
  }

  /** The present name first, then the former ones. */
  static List<String> all(Class<?> delegate) {
    List<String> names = new ArrayList<>(List.of(of(delegate)));
    FormerName former = ClassUtils.getUserClass(delegate).getAnnotation(FormerName.class);
    if (former != null) {
      names.addAll(List.of(former.value()));
    }
    return names;
  }
}
