package io.belay.model.lint;

import com.fasterxml.jackson.databind.JsonNode;

/** A Camunda Form of the set. */
record FormFile(String file, JsonNode json) {

  String name() {
    return file.substring(file.indexOf('/') + 1, file.lastIndexOf('.'));
  }
}
