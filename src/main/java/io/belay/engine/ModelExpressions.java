package io.belay.engine;

import java.beans.FeatureDescriptor;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.dmn.engine.DmnDecisionResult;
import org.camunda.bpm.engine.delegate.BaseDelegateExecution;
import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.delegate.VariableScope;
import org.camunda.bpm.engine.impl.el.Expression;
import org.camunda.bpm.engine.impl.el.JuelExpression;
import org.camunda.bpm.engine.impl.el.JuelExpressionManager;
import org.camunda.bpm.engine.impl.el.ReadOnlyMapELResolver;
import org.camunda.bpm.engine.impl.el.VariableContextElResolver;
import org.camunda.bpm.engine.impl.el.VariableScopeElResolver;
import org.camunda.bpm.impl.juel.ExpressionFactoryImpl;
import org.camunda.bpm.impl.juel.jakarta.el.CompositeELResolver;
import org.camunda.bpm.impl.juel.jakarta.el.ELContext;
import org.camunda.bpm.impl.juel.jakarta.el.ELException;
import org.camunda.bpm.impl.juel.jakarta.el.ELResolver;
import org.camunda.bpm.impl.juel.jakarta.el.FunctionMapper;
import org.camunda.bpm.impl.juel.jakarta.el.MapELResolver;
import org.camunda.bpm.impl.juel.jakarta.el.ValueExpression;

/**
 * Evaluates the expressions of models. An expression may read a variable of its run, name a step,
 * compare, and read the verdict of a decision ({@code ${decisionResult.verdict}}) or the inputs of
 * a decision table ({@code ${table.inputs}}); no other name resolves. The grammar has no method
 * calls and the resolvers know no bean properties, so an expression that reaches the engine by a
 * forgotten way still cannot run code.
 *
 * <p>Outside a run, such as in a query, nothing is evaluated at all.
 */
class ModelExpressions extends JuelExpressionManager {

  /** Camunda's usual notation for a decision's value. Models deployed earlier use it. */
  private static final String METHOD_OF_A_DECISION = "decisionResult.getSingleResult().";

  private final DecisionInputs decisionInputs = new DecisionInputs();

  ModelExpressions(Map<Object, Object> steps) {
    super(steps);
    setExpressionFactory(new ExpressionFactoryImpl(ExpressionFactoryImpl.Profile.JEE5));
  }

  /**
   * @throws ExpressionRefused when the text is not an expression that a model may hold
   */
  @Override
  public Expression createExpression(String text) {
    try {
      return new InARun(
          createValueExpression(text.replace(METHOD_OF_A_DECISION, "decisionResult.")), text);
    } catch (ELException e) {
      throw new ExpressionRefused(text, e.getMessage());
    }
  }

  private final class InARun extends JuelExpression {

    private static final long serialVersionUID = 1L;

    private InARun(ValueExpression parsed, String text) {
      super(parsed, ModelExpressions.this, text);
    }

    @Override
    public Object getValue(VariableScope scope, BaseDelegateExecution execution) {
      if (scope == null && !isLiteralText()) {
        throw new ExpressionRefused(getExpressionText(), "expressions are evaluated only in a run");
      }
      return super.getValue(scope, execution);
    }
  }

  @Override
  protected ELResolver createElResolver() {
    CompositeELResolver resolvers = new CompositeELResolver();
    resolvers.add(new RunName());
    resolvers.add(new VariableScopeElResolver());
    resolvers.add(new VariableContextElResolver());
    resolvers.add(new ReadOnlyMapELResolver(beans));
    resolvers.add(new Decision());
    resolvers.add(new Table());
    resolvers.add(new MapELResolver(true));
    return resolvers;
  }

  @Override
  protected FunctionMapper createFunctionMapper() {
    return new FunctionMapper() {
      @Override
      public java.lang.reflect.Method resolveFunction(String prefix, String name) {
        return null;
      }
    };
  }

  /** A read-only resolver. */
  private abstract static class Reading extends ELResolver {

    @Override
    public void setValue(ELContext context, Object base, Object property, Object value) {}

    @Override
    public boolean isReadOnly(ELContext context, Object base, Object property) {
      return true;
    }

    @Override
    public Class<?> getType(ELContext context, Object base, Object property) {
      return Object.class;
    }

    @Override
    public Class<?> getCommonPropertyType(ELContext context, Object base) {
      return Object.class;
    }

    @Override
    public Iterator<FeatureDescriptor> getFeatureDescriptors(ELContext context, Object base) {
      return null;
    }
  }

  /** {@code execution.processBusinessKey}, which Modeler writes to pass on the run's name. */
  private static final class RunName extends Reading {

    private static final List<String> ENTITIES = List.of("execution", "task", "externalTask");

    /** Stands in for the engine's own object, which expressions never see. */
    private record Here(VariableScope scope) {}

    @Override
    public Object getValue(ELContext context, Object base, Object property) {
      if (base == null && ENTITIES.contains(property)) {
        context.setPropertyResolved(true);
        return new Here((VariableScope) context.getContext(VariableScope.class));
      }
      if (base instanceof Here here
          && property.equals("processBusinessKey")
          && here.scope() instanceof DelegateExecution execution) {
        context.setPropertyResolved(true);
        return execution.getProcessBusinessKey();
      }
      return null;
    }
  }

  /** {@code inputs} of a variable that holds the id of a decision table: that table's inputs. */
  private final class Table extends Reading {

    @Override
    public Object getValue(ELContext context, Object base, Object property) {
      if (base instanceof String table
          && property.equals("inputs")
          && context.getContext(VariableScope.class) instanceof DelegateExecution execution) {
        context.setPropertyResolved(true);
        return decisionInputs.of(table, execution);
      }
      return null;
    }
  }

  /** The values of the one rule that matched, by output. */
  private static final class Decision extends Reading {

    @Override
    public Object getValue(ELContext context, Object base, Object property) {
      if (!(base instanceof DmnDecisionResult result)) {
        return null;
      }
      if (result.size() != 1 || !result.get(0).containsKey(property)) {
        throw new ELException(
            "the decision has %d results, and must have one with '%s'"
                .formatted(result.size(), property));
      }
      context.setPropertyResolved(true);
      return result.get(0).get(property);
    }
  }
}
