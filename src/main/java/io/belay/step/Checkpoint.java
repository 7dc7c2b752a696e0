package io.belay.step;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A value that a step saves while it works ({@link StepContext#save}). A step may save only what it
 * declares: so that a later version notices a checkpoint that it does not know, instead of taking
 * it for "nothing was saved".
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(Checkpoint.All.class)
public @interface Checkpoint {

  String name();

  Class<?> type();

  /** Names that it had in earlier versions. */
  String[] formerly() default {};

  /** More than one. */
  @Documented
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @interface All {
    Checkpoint[] value();
  }
}
