package io.belay.step;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks {@link NamedValues} in a step's result: their names are those in that input, {@link
 * Assignments}. When the step has ended, each value is a variable of the phase, because a model
 * that gets the input from its caller cannot name them in output parameters.
 *
 * @see StepDelegate#namingInputs()
 */
@Documented
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface NamedBy {

  /** Name of the input. */
  String value();
}
