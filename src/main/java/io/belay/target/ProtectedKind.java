package io.belay.target;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/**
 * Marks a kind of target that an author of models should take for protected where no environment
 * says whether it is.
 *
 * @see ProtectedTargets
 */
@Documented
@java.lang.annotation.Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface ProtectedKind {

  /**
   * Whether a change can lose data, of the target or of the system behind it, so that a backup must
   * come first.
   */
  boolean holdsData() default true;
}
