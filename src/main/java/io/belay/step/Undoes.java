package io.belay.step;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the steps whose executions this step may record as taken back. On an {@link UndoDelegate}:
 * the steps that it takes back; one that restores a backup also names the step that took it. On a
 * step that only observes: the steps whose effect it can prove to be absent.
 *
 * <p>By name, not by class: a capability may take back what another one did, without knowing it.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Undoes {

  /** Bean names of delegates, for example {@code shiftTraffic}. */
  String[] value();
}
