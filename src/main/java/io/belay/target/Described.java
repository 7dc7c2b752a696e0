package io.belay.target;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The description of a target type or of one of its settings, in Markdown; {@code
 * docs/environments.md} is generated from it.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.RECORD_COMPONENT})
public @interface Described {

  String value();

  /** What an absent setting means, if its default value does not say so. */
  String absent() default "";
}
