package io.belay.engine;

import io.belay.command.ChildProcesses;
import io.belay.command.HostCommands;
import io.belay.command.Places;
import io.belay.command.SshSessions;
import io.belay.step.FakeStepContext;
import io.belay.step.NamedValues;
import io.belay.step.StepDelegate;
import io.belay.target.Connections;
import io.belay.target.HttpProbe;
import io.belay.target.Weight;
import java.lang.reflect.RecordComponent;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.ClassPathBeanDefinitionScanner;
import org.springframework.core.type.filter.RegexPatternTypeFilter;

/** Steps of the capabilities that do their work in a {@link ModelWorld}. */
final class RealSteps implements AutoCloseable {

  private final AnnotationConfigApplicationContext beans = new AnnotationConfigApplicationContext();

  /**
   * @param types simple names of the steps and of what they need of their capabilities
   */
  RealSteps(String... types) {
    beans.registerBean(ChildProcesses.class);
    beans.registerBean(SshSessions.class);
    beans.registerBean(HostCommands.class);
    beans.registerBean(Places.class);
    beans.registerBean(HttpProbe.class);
    beans.registerBean(Connections.class);
    var scanner = new ClassPathBeanDefinitionScanner(beans, false);
    scanner.addIncludeFilter(
        new RegexPatternTypeFilter(Pattern.compile(".*\\.(" + String.join("|", types) + ")")));
    scanner.scan("io.belay.capability");
    beans.refresh();
  }

  /** Lets the steps answer that world's models. */
  void answer(ModelWorld world, FakeStepContext context) {
    beans
        .getBeansOfType(StepDelegate.class)
        .forEach(
            (name, step) ->
                world.answers.put(
                    name.replaceFirst(".*\\.", ""), call -> perform(step, call.inputs(), context)));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> perform(
      StepDelegate<?, ?> step, Map<String, Object> inputs, FakeStepContext context) {
    try {
      return perform((StepDelegate<Record, Record>) step, inputs, step.inputType(), context);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Object> perform(
      StepDelegate<Record, Record> step,
      Map<String, Object> inputs,
      Class<? extends Record> type,
      FakeStepContext context)
      throws Exception {
    Map<String, Object> given = new HashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Object value = inputs.get(component.getName());
      if (value != null && !value.toString().isBlank()) {
        given.put(
            "input." + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(),
            value.toString());
      }
    }
    Record input =
        new Binder(new MapConfigurationPropertySource(given))
            .bindOrCreate("input", Bindable.of(type));
    Record result = context.run(step, input);
    Map<String, Object> variables = new LinkedHashMap<>();
    for (RecordComponent component : result.getClass().getRecordComponents()) {
      component.getAccessor().setAccessible(true);
      Object value = component.getAccessor().invoke(result);
      if (value instanceof NamedValues named) {
        variables.putAll(named.values());
      } else {
        variables.put(component.getName(), scalar(value));
      }
    }
    return variables;
  }

  private static Object scalar(Object value) {
    if (value instanceof Weight weight) {
      return weight.number();
    }
    return value instanceof Enum<?> one ? one.name() : value;
  }

  @Override
  public void close() {
    beans.close();
  }
}
