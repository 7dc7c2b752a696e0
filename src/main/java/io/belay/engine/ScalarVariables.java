package io.belay.engine;

import io.belay.engine.law.VariableRefused;
import java.util.List;
import org.camunda.bpm.dmn.engine.DmnDecisionResult;
import org.camunda.bpm.engine.ProcessEngineException;
import org.camunda.bpm.engine.impl.variable.serializer.AbstractTypedValueSerializer;
import org.camunda.bpm.engine.impl.variable.serializer.BooleanValueSerializer;
import org.camunda.bpm.engine.impl.variable.serializer.DateValueSerializer;
import org.camunda.bpm.engine.impl.variable.serializer.DefaultVariableSerializers;
import org.camunda.bpm.engine.impl.variable.serializer.DoubleValueSerializer;
import org.camunda.bpm.engine.impl.variable.serializer.IntegerValueSerializer;
import org.camunda.bpm.engine.impl.variable.serializer.LongValueSerlializer;
import org.camunda.bpm.engine.impl.variable.serializer.NullValueSerializer;
import org.camunda.bpm.engine.impl.variable.serializer.ShortValueSerializer;
import org.camunda.bpm.engine.impl.variable.serializer.StringValueSerializer;
import org.camunda.bpm.engine.impl.variable.serializer.TypedValueSerializer;
import org.camunda.bpm.engine.impl.variable.serializer.ValueFields;
import org.camunda.bpm.engine.impl.variable.serializer.VariableSerializerFactory;
import org.camunda.bpm.engine.impl.variable.serializer.VariableSerializers;
import org.camunda.bpm.engine.variable.Variables;
import org.camunda.bpm.engine.variable.impl.value.UntypedValueImpl;
import org.camunda.bpm.engine.variable.type.ValueType;
import org.camunda.bpm.engine.variable.value.ObjectValue;
import org.camunda.bpm.engine.variable.value.SerializableValue;
import org.camunda.bpm.engine.variable.value.TypedValue;

/**
 * The types that a variable of the engine can have: a single text, number, date or boolean, or
 * null. Values of all other types are refused, whoever writes them, so that the engine never builds
 * an object from data that somebody sent. The list is closed: it ignores the types that a plugin of
 * the engine adds.
 *
 * <p>A variable of another type that an earlier version stored is listed with an error in place of
 * its value.
 */
class ScalarVariables extends DefaultVariableSerializers {

  private static final long serialVersionUID = 1L;

  /** The column's width; the database would refuse a longer text in the middle of a transaction. */
  static final int LONGEST_TEXT = 4000;

  private static final String ALLOWED =
      "a variable is a String, Boolean, Short, Integer, Long, Double or Date, or null";

  private static final List<TypedValueSerializer<?>> SCALARS =
      List.of(
          new NullValueSerializer(),
          new StringValueSerializer(),
          new BooleanValueSerializer(),
          new ShortValueSerializer(),
          new IntegerValueSerializer(),
          new LongValueSerlializer(),
          new DoubleValueSerializer(),
          new DateValueSerializer());

  private static final TypedValueSerializer<?> DECISION = new DecisionResult();

  ScalarVariables() {
    setSerializerList(SCALARS);
  }

  /**
   * @throws VariableRefused when a variable cannot have this value
   */
  @Override
  public TypedValueSerializer<?> findSerializerForValue(
      TypedValue value, VariableSerializerFactory ofPlugins) {
    if (content(value) instanceof String text && text.length() > LONGEST_TEXT) {
      throw new VariableRefused(
          "",
          "a text of %,d characters is refused; a variable holds at most %,d"
              .formatted(text.length(), LONGEST_TEXT));
    }
    for (TypedValueSerializer<?> scalar : SCALARS) {
      if ((value.getType() == null || value.getType().equals(scalar.getType()))
          && scalar.canHandle(value)) {
        return scalar;
      }
    }
    if (DECISION.canHandle(value)) {
      return DECISION;
    }
    throw new VariableRefused("", "the type %s is refused; %s".formatted(typeOf(value), ALLOWED));
  }

  /** Null for an object that was sent as text and is not deserialized. */
  private static Object content(TypedValue value) {
    return value instanceof SerializableValue sent && !sent.isDeserialized()
        ? null
        : value.getValue();
  }

  private static String typeOf(TypedValue value) {
    String type =
        value.getType() == null
            ? value.getValue().getClass().getName()
            : "'" + value.getType().getName() + "'";
    return value instanceof ObjectValue object && object.getObjectTypeName() != null
        ? type + " (" + object.getObjectTypeName() + ")"
        : type;
  }

  @Override
  public TypedValueSerializer<?> findSerializerForValue(TypedValue value) {
    return findSerializerForValue(value, null);
  }

  @Override
  public TypedValueSerializer<?> getSerializerByName(String name) {
    TypedValueSerializer<?> scalar = super.getSerializerByName(name);
    return scalar == null ? new Unreadable(name) : scalar;
  }

  @Override
  public DefaultVariableSerializers addSerializer(TypedValueSerializer<?> ofAPlugin, int index) {
    return this;
  }

  @Override
  public VariableSerializers join(VariableSerializers ofAnApplication) {
    return this;
  }

  /** Reads and writes nothing. */
  private abstract static class Nothing extends AbstractTypedValueSerializer<TypedValue> {

    private Nothing() {
      super(ValueType.OBJECT);
    }

    @Override
    public TypedValue readValue(ValueFields fields, boolean deserialize, boolean isTransient) {
      throw new ProcessEngineException(
          "a value of type '%s' is not read; %s".formatted(getName(), ALLOWED));
    }

    @Override
    public void writeValue(TypedValue value, ValueFields fields) {}

    @Override
    public TypedValue convertToTypedValue(UntypedValueImpl value) {
      return Variables.objectValue(value.getValue(), true).create();
    }
  }

  /**
   * The engine keeps a decision's result for the output parameters of its task, as a variable that
   * exists in memory only.
   */
  private static final class DecisionResult extends Nothing {

    @Override
    public String getName() {
      return "decision";
    }

    @Override
    protected boolean canWriteValue(TypedValue value) {
      return value.isTransient() && content(value) instanceof DmnDecisionResult;
    }
  }

  private static final class Unreadable extends Nothing {

    private final String type;

    private Unreadable(String type) {
      this.type = type;
    }

    @Override
    public String getName() {
      return type;
    }

    @Override
    protected boolean canWriteValue(TypedValue value) {
      return false;
    }
  }
}
