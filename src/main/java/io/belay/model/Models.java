package io.belay.model;

/** The folder of runbooks, in the source tree and in a deployment. */
public final class Models {

  static final String RUNBOOKS = "runbooks/";

  private Models() {}

  public static boolean isRunbook(String resourceName) {
    return resourceName != null && resourceName.startsWith(RUNBOOKS);
  }
}
