package io.belay.step;

/**
 * The step found that the runbook must not go on, and retrying will not change that (a
 * configuration that is wrong, a backup that cannot be verified). The phase ends as failed with
 * this reason, and the run goes down the ladder. Not for technical failures: throw anything else
 * for those.
 */
public class BusinessStop extends RuntimeException {

  /** The BPMN error code that phases catch. */
  public static final String CODE = "STOP";

  public BusinessStop(String reason) {
    super(reason);
  }

  public BusinessStop(String reason, Throwable cause) {
    super(reason, cause);
  }
}
