package io.belay.step;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a component of a step's input that names a target of that type, or several. A run whose
 * environment lacks one is refused before it starts.
 */
@Documented
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface TargetName {

  /** What a model writes to leave out an optional input that has a default. */
  String NONE = "none";

  Class<? extends io.belay.target.Target> value();
}
