package io.belay.step;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Version of a record that the journal keeps: a step's input, result or checkpoint. Without it the
 * version is 1. Raise it when a component changes its meaning (another unit, say): an earlier Belay
 * then refuses to read the record. A new name needs {@link io.belay.target.FormerName} only.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface RecordVersion {
  int value();
}
