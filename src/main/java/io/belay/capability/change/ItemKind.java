package io.belay.capability.change;

/** Who does what, for one item of a checklist. */
public enum ItemKind {
  CHECK_BY_COMMAND,
  CHECK_NUMBER,
  CHECK_BY_HAND,
  CHANGE_BY_COMMAND,
  CALL_HTTP,
  CHANGE_BY_HAND,
  /** There is no item left. */
  NONE;

  boolean isByAPerson() {
    return this == CHECK_BY_HAND || this == CHANGE_BY_HAND;
  }
}
