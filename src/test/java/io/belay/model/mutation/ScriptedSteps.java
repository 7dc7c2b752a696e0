package io.belay.model.mutation;

import io.belay.journal.Journal;
import io.belay.model.lint.BoundInputs;
import io.belay.model.lint.Finding;
import io.belay.model.lint.ModelLint;
import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.UndoDelegate;
import jakarta.validation.Validator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mockito.Mockito;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/**
 * The application's steps, but for their work: {@link ScriptedWorld} does that. The contract around
 * it (intent, law, result, what an undo takes back) is the real one.
 */
@TestConfiguration(proxyBeanMethods = false)
class ScriptedSteps {

  /** These work on nothing but what they are given. */
  private static final Set<String> REAL = Set.of("awaitStepsStopped", "nextWeight");

  @Bean
  static ScriptedWorld scriptedWorld() {
    return new ScriptedWorld();
  }

  /** The test has asked the lint, and scripted steps would make it slow. */
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

  @Bean
  static BeanPostProcessor scripts(ScriptedWorld world, ObjectProvider<Journal> journal) {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof StepDelegate<?, ?> step && !REAL.contains(name)
            ? scripted(step, name, world, journal)
            : bean;
      }
    };
  }

  private static Object scripted(
      StepDelegate<?, ?> step, String name, ScriptedWorld world, ObjectProvider<Journal> journal) {
    boolean undo = step instanceof UndoDelegate<?, ?>;
    return Mockito.mock(
        step.getClass(),
        Mockito.withSettings()
            .stubOnly()
            .spiedInstance(step)
            .defaultAnswer(
                call -> {
                  Object[] given = call.getArguments();
                  String method = call.getMethod().getName();
                  if (undo && method.equals("takeBack")) {
                    @SuppressWarnings("unchecked")
                    List<PastStep> executions = (List<PastStep>) given[1];
                    return world.takeBack((UndoDelegate<?, ?>) call.getMock(), executions);
                  }
                  if (!undo && method.equals("perform")) {
                    String key = ((StepContext) given[1]).stepKey();
                    return world.perform(
                        (StepDelegate<?, ?>) call.getMock(),
                        name,
                        (Record) given[0],
                        key,
                        journal.getObject().ofStepKey(key).get(0).activityId());
                  }
                  return call.callRealMethod();
                }));
  }
}
