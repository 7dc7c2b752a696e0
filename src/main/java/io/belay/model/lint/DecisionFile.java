package io.belay.model.lint;

import org.camunda.bpm.model.dmn.DmnModelInstance;
import org.camunda.bpm.model.dmn.instance.Text;
import org.w3c.dom.Document;

/** A DMN file of the set. */
record DecisionFile(String file, Document xml, DmnModelInstance model) {

  /** What stands in a cell, without the cell's description; empty when nothing does. */
  static String text(Text cell) {
    return cell == null ? "" : cell.getTextContent().trim();
  }

  String name() {
    return file.substring(file.indexOf('/') + 1, file.lastIndexOf('.'));
  }
}
