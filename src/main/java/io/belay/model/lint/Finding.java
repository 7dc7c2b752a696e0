package io.belay.model.lint;

/**
 * One mistake in a set of models.
 *
 * @param file name within the set, such as {@code runbooks/x.bpmn}
 * @param element id of the element, or of the nearest one around it that has an id; empty when the
 *     whole file is meant
 * @param rule what is wrong and what to do
 */
public record Finding(String file, String element, String rule) {

  @Override
  public String toString() {
    return element.isEmpty() ? file + ": " + rule : file + ": " + element + ": " + rule;
  }
}
