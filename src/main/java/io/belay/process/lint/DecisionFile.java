package io.belay.process.lint;

import org.camunda.bpm.model.dmn.DmnModelInstance;
import org.w3c.dom.Document;

/** A DMN file of the set. */
record DecisionFile(String file, Document xml, DmnModelInstance model) {

  String name() {
    return file.substring(file.indexOf('/') + 1, file.lastIndexOf('.'));
  }
}
