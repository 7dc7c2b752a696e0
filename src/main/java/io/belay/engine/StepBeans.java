package io.belay.engine;

import io.belay.step.StepCatalog;
import io.belay.step.StepDelegate;
import java.util.AbstractMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationContext;
import org.springframework.stereotype.Component;

/** The only beans that an expression in a model can name: the step delegates. Looked up lazily. */
@Component
class StepBeans extends AbstractMap<Object, Object> {

  private final ApplicationContext context;
  private final ObjectProvider<StepCatalog> steps;

  StepBeans(ApplicationContext context, ObjectProvider<StepCatalog> steps) {
    this.context = context;
    this.steps = steps;
  }

  @Override
  public boolean containsKey(Object key) {
    return get(key) != null;
  }

  @Override
  public Object get(Object key) {
    if (!(key instanceof String name)) {
      return null;
    }
    return context.containsBean(name) && context.isTypeMatch(name, StepDelegate.class)
        ? context.getBean(name)
        : steps.getObject().find(name).orElse(null); // the former name of a step, in an old model
  }

  @Override
  public Set<Entry<Object, Object>> entrySet() {
    return Set.of(context.getBeanNamesForType(StepDelegate.class)).stream()
        .map(name -> new SimpleEntry<Object, Object>(name, context.getBean(name)))
        .collect(Collectors.toSet());
  }
}
