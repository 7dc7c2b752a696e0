package io.belay.target;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a record component that stored JSON may lack, because an earlier version did not write it
 * or the format omits nulls. It is read as null, so it cannot be a primitive. Every other component
 * must be present ({@link StrictJson}).
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({
  ElementType.FIELD,
  ElementType.METHOD,
  ElementType.PARAMETER,
  ElementType.RECORD_COMPONENT
})
public @interface MayBeAbsent {

  /** What its absence means. */
  String value();
}
