package io.belay.capability.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The form of a document in the new files: as it was, with {@value #COLLECTION} added. If that, or
 * a new {@code _id} because another collection has the same, replaces an original value, {@value
 * #DISPLACED} keeps the original; otherwise there is no {@value #DISPLACED}.
 */
public final class MigratedDocument {

  public static final String ID = "_id";
  public static final String COLLECTION = "_collection";
  public static final String DISPLACED = "_legacy";

  private MigratedDocument() {}

  /**
   * The document as written to a new file.
   *
   * @param newId another {@code _id}; null when it keeps its own
   */
  public static ObjectNode of(String collection, ObjectNode original, String newId) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put(COLLECTION, collection);
    ObjectNode displaced = JsonNodeFactory.instance.objectNode();
    original
        .properties()
        .forEach(
            field -> {
              String name = field.getKey();
              boolean moved =
                  name.equals(COLLECTION)
                      || name.equals(DISPLACED)
                      || (name.equals(ID) && newId != null);
              (moved ? displaced : document).set(name, field.getValue());
            });
    if (newId != null) {
      document.put(ID, newId);
    }
    if (!displaced.isEmpty()) {
      document.set(DISPLACED, displaced);
    }
    return document;
  }

  /** The document as it was in its legacy file. */
  public static ObjectNode original(ObjectNode document) {
    ObjectNode original = document.deepCopy();
    original.remove(COLLECTION);
    if (original.remove(DISPLACED) instanceof ObjectNode displaced) {
      displaced.properties().forEach(field -> original.set(field.getKey(), field.getValue()));
    }
    return original;
  }

  /** The {@code _id} that it had in its legacy file; a missing node when it has none. */
  public static JsonNode originalId(ObjectNode document) {
    JsonNode displaced = document.path(DISPLACED).path(ID);
    return displaced.isMissingNode() ? document.path(ID) : displaced;
  }
}
