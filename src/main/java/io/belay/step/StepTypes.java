package io.belay.step;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.ResolvableType;
import org.springframework.core.type.filter.AssignableTypeFilter;
import org.springframework.objenesis.ObjenesisStd;

/**
 * The steps that come with Belay, without their dependencies: for questions about names, inputs and
 * effects only.
 */
public final class StepTypes {

  private StepTypes() {}

  /** The classes, by their simple names. */
  public static List<Class<?>> all() {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AssignableTypeFilter(StepDelegate.class));
    List<Class<?>> types = new ArrayList<>();
    for (BeanDefinition found : scanner.findCandidateComponents("io.belay")) {
      try {
        Class<?> type = Class.forName(found.getBeanClassName());
        if (type.getProtectionDomain().equals(StepDelegate.class.getProtectionDomain())) {
          types.add(type);
        }
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }
    types.sort(Comparator.comparing(Class::getSimpleName));
    return types;
  }

  /** One instance of each class, created without its constructor. */
  public static List<StepDelegate<?, ?>> idle() {
    List<StepDelegate<?, ?>> steps = new ArrayList<>();
    for (Class<?> type : all()) {
      StepDelegate<?, ?> step = (StepDelegate<?, ?>) new ObjenesisStd().newInstance(type);
      set(step, "inputType", record(type, 0));
      set(step, "resultType", record(type, 1));
      steps.add(step);
    }
    return steps;
  }

  /** The record of inputs (0) or results (1). */
  public static Class<?> record(Class<?> type, int index) {
    return ResolvableType.forClass(type).as(StepDelegate.class).getGeneric(index).toClass();
  }

  private static void set(StepDelegate<?, ?> step, String field, Class<?> value) {
    try {
      Field declared = StepDelegate.class.getDeclaredField(field);
      declared.setAccessible(true);
      declared.set(step, value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
