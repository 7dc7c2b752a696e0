package io.belay.model;

/** The folders of models, in the source tree and in a deployment. */
public final class Models {

  static final String RUNBOOKS = "runbooks/";
  static final String PHASES = "phases/";

  private Models() {}

  public static boolean isRunbook(String resourceName) {
    return resourceName != null && resourceName.startsWith(RUNBOOKS);
  }
}
