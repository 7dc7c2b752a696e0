package io.belay.playground;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What a test needs of the machine it runs on. Continuous integration (GitHub, GitLab and others
 * set {@code CI=true}) must have every program: the test fails there. Elsewhere the test is skipped
 * and the output says so.
 */
public final class Needs {

  private Needs() {}

  /**
   * @param isHere whether the machine has it
   * @param what the program or package
   */
  public static void that(boolean isHere, String what) {
    if (!isMet(isHere, what)) {
      Assumptions.abort("needs " + what);
    }
  }

  /** The same for a condition of JUnit, for what a test class needs before its Belay starts. */
  public static boolean isMet(boolean isHere, String what) {
    return isMet(isHere, what, System.getenv("CI"));
  }

  static boolean isMet(boolean isHere, String what, String ci) {
    if (!isHere && ci != null && !ci.isBlank() && !ci.equals("false")) {
      Assertions.fail("CI=" + ci + ", and this machine lacks what the test needs: " + what);
    }
    return isHere || skipped("this machine lacks " + what);
  }

  /**
   * What a user may do; no user may do all of it, so the test is skipped everywhere, and the output
   * says so.
   */
  public static void right(boolean isGranted, String act) {
    if (!isGranted) {
      skipped("the user of the tests may not " + act);
      Assumptions.abort("needs the right to " + act);
    }
  }

  private static boolean skipped(String why) {
    System.err.println("A test is skipped: " + why + ".");
    return false;
  }
}
