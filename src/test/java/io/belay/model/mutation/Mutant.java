package io.belay.model.mutation;

import java.util.function.Supplier;

/**
 * A delivered model that was changed in one place, as an author could by mistake or on purpose.
 *
 * @param file below {@code processes}
 * @param operator what kind of change
 * @param place the element, and what was changed there
 * @param change makes the change, which takes a while
 */
record Mutant(String file, String operator, String place, Supplier<byte[]> change) {

  byte[] content() {
    return change.get();
  }

  @Override
  public String toString() {
    return operator + " : " + file + " : " + place;
  }
}
