package io.belay.matrix;

/**
 * One place at which a runbook is left.
 *
 * @param model id of the process that it is in
 * @param activityId of the step, task or timer; null for a deadline of a whole phase
 * @param what the step's name, or the parameter with the expiry or deadline; null when neither
 */
record Rung(Way way, String model, String activityId, Scenario scenario, String what) {

  /** How a runbook is left. */
  enum Way {
    GATE_FAILS("the gate fails"),
    REFUSED("refused"),
    EXPIRED("nobody answers"),
    ABORTED("aborted"),
    LATE("deadline passes");

    private final String label;

    Way(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  String key() {
    return activityId == null ? model : model + "/" + activityId;
  }

  /** Whether it is the same place and way, whatever the parameters. */
  boolean isAs(Rung other) {
    return way == other.way && key().equals(other.key());
  }
}
