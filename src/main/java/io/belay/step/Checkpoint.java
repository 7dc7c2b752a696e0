package io.belay.step;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A value that a step saves while it works ({@link StepContext#save}). A step may save only what it
 * declares, so that a later version notices an unknown checkpoint, instead of taking it for
 * "nothing was saved".
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(Checkpoint.All.class)
public @interface Checkpoint {

  /**
   * Name of the checkpoint with the evidence for a step's verdict: the report includes it, so that
   * its readers can judge again.
   */
  String EVIDENCE = "evidence";

  String name();

  Class<?> type();

  /** Names in earlier versions. */
  String[] formerly() default {};

  /** Container for several checkpoints. */
  @Documented
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @interface All {
    Checkpoint[] value();
  }
}
