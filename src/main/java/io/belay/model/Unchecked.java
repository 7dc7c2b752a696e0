package io.belay.model;

import java.util.concurrent.Callable;
import org.camunda.bpm.engine.impl.context.Context;

/** Reads without checking the user's rights: reading a model is not the user's act. */
public final class Unchecked {

  private Unchecked() {}

  public static <T> T withoutAuthorization(Callable<T> read) {
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
