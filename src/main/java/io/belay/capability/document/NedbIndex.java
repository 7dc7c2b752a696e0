package io.belay.capability.document;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * An index, as a line of the file defines it.
 *
 * @param fieldName dotted for a nested field, comma-separated for several fields
 * @param sparse whether documents without the field are omitted
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record NedbIndex(String fieldName, boolean unique, boolean sparse) {

  @Override
  public String toString() {
    return fieldName + (unique ? " (unique)" : "");
  }
}
