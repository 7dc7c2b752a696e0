package io.belay.step;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a component of a step's result: each execution returns the next item of that input, a list.
 * So a loop over the items can be planned and checked before a run, item by item.
 *
 * @see StepDelegate#items()
 */
@Documented
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface ItemOf {

  /** Name of the input. */
  String value();
}
