package io.belay.process;

import java.util.concurrent.Callable;
import org.camunda.bpm.engine.impl.context.Context;

/** Reading a model is not the user's act, so the user's rights do not matter for it. */
final class Unchecked {

  private Unchecked() {}

  static <T> T withoutAuthorization(Callable<T> read) {
    try {
      return Context.getCommandContext() == null
          ? read.call()
          : Context.getCommandContext().runWithoutAuthorization(read);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
