package io.belay.matrix;

/** When Belay is killed, seen from one step. */
enum KillMoment {
  BEFORE_INTENT("before the intent"),
  BEFORE_EFFECT("between intent and effect"),
  MIDDLE("in the middle of the effect"),
  AFTER_EFFECT("between effect and result"),
  AFTER_RESULT("between result and the engine's commit");

  private final String label;

  KillMoment(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}
