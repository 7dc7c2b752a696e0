package io.belay.process;

/** Where models lie, in the source tree and so in a deployment. */
final class Models {

  static final String RUNBOOKS = "runbooks/";
  static final String PHASES = "phases/";

  private Models() {}

  static boolean isRunbook(String resourceName) {
    return resourceName != null && resourceName.startsWith(RUNBOOKS);
  }
}
