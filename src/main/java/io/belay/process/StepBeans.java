package io.belay.process;

import io.belay.step.StepDelegate;
import java.util.AbstractMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.context.ApplicationContext;
import org.springframework.stereotype.Component;

/** The only beans that an expression in a model can name: the step delegates. Looked up lazily. */
@Component
class StepBeans extends AbstractMap<Object, Object> {

  private final ApplicationContext context;

  StepBeans(ApplicationContext context) {
    this.context = context;
  }

  @Override
  public boolean containsKey(Object key) {
    return key instanceof String name
        && context.containsBean(name)
        && context.isTypeMatch(name, StepDelegate.class);
  }

  @Override
  public Object get(Object key) {
    return containsKey(key) ? context.getBean((String) key) : null;
  }

  @Override
  public Set<Entry<Object, Object>> entrySet() {
    return Set.of(context.getBeanNamesForType(StepDelegate.class)).stream()
        .map(name -> new SimpleEntry<Object, Object>(name, context.getBean(name)))
        .collect(Collectors.toSet());
  }
}
