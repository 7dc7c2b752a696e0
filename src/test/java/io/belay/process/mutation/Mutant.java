package io.belay.process.mutation;

/**
 * A delivered model that was changed in one place, as an author could by mistake or on purpose.
 *
 * @param file below {@code processes}
 * @param operator what kind of change
 * @param place the element, and what was changed there
 */
record Mutant(String file, String operator, String place, byte[] content) {

  @Override
  public String toString() {
    return operator + " : " + file + " : " + place;
  }
}
