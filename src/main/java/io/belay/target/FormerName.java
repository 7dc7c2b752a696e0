package io.belay.target;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names that a step, a record component or an enum constant had in earlier versions. Open runs, the
 * journal and Belay's files still use them.
 *
 * <p>On a step class it applies to the models of open runs (topic, delegate expression) and to the
 * journal. On a component of a step's input it also applies to the inputs that such a model passes.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({
  ElementType.TYPE,
  ElementType.FIELD,
  ElementType.METHOD,
  ElementType.PARAMETER,
  ElementType.RECORD_COMPONENT
})
public @interface FormerName {

  /** As they were written: {@code oldStep}, {@code oldComponent}, {@code OLD_CONSTANT}. */
  String[] value();
}
