package io.belay.capability.document.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which fields of the found documents to include or to exclude; {@code _id} is included unless
 * excluded.
 */
public final class Projection {

  /** All fields. */
  public static final Projection ALL = new Projection(List.of(), false, true);

  private final List<String[]> fields;
  private final boolean keep;
  private final boolean withId;

  private Projection(List<String[]> fields, boolean keep, boolean withId) {
    this.fields = fields;
    this.keep = keep;
    this.withId = withId;
  }

  /**
   * @throws InvalidQuery naming the place and the rule
   */
  static Projection of(String place, JsonNode wanted) {
    if (!Values.isPlainObject(wanted)) {
      throw new InvalidQuery(place, "must be an object of fields, each 1 (wanted) or 0 (not)");
    }
    List<String[]> fields = new ArrayList<>();
    Boolean keep = null;
    boolean withId = true;
    for (Map.Entry<String, JsonNode> field : wanted.properties()) {
      JsonNode value = field.getValue();
      if (!value.isIntegralNumber() || value.intValue() < 0 || value.intValue() > 1) {
        throw new InvalidQuery(place + "." + field.getKey(), "must be 1 or 0");
      }
      boolean one = value.intValue() == 1;
      if (field.getKey().equals("_id")) {
        withId = one;
      } else if (keep != null && keep != one) {
        throw new InvalidQuery(place, "must not both keep and omit fields, except for _id");
      } else {
        keep = one;
        fields.add(field.getKey().split("\\.", -1));
      }
    }
    return new Projection(fields, keep != null && keep, withId);
  }

  public ObjectNode apply(ObjectNode document) {
    if (fields.isEmpty() && withId) {
      return document;
    }
    ObjectNode projected = keep ? kept(document) : omitted(document);
    if (!withId) {
      projected.remove("_id");
    } else if (document.has("_id")) {
      projected.set("_id", document.get("_id"));
    }
    return projected;
  }

  private ObjectNode kept(ObjectNode document) {
    ObjectNode kept = JsonNodeFactory.instance.objectNode();
    for (String[] path : fields) {
      JsonNode value = Values.dot(document, path, 0);
      if (Values.isUndefined(value)) {
        continue;
      }
      ObjectNode parent = kept;
      for (int i = 0; i < path.length - 1 && parent != null; i++) {
        JsonNode next = parent.path(path[i]);
        parent =
            next.isMissingNode()
                ? parent.putObject(path[i])
                : next instanceof ObjectNode o ? o : null;
      }
      if (parent != null) {
        parent.set(path[path.length - 1], value);
      }
    }
    return kept;
  }

  private ObjectNode omitted(ObjectNode document) {
    ObjectNode left = document.deepCopy();
    for (String[] path : fields) {
      JsonNode parent = left;
      for (int i = 0; i < path.length - 1; i++) {
        parent = parent.path(path[i]);
      }
      if (Values.isPlainObject(parent)) {
        ((ObjectNode) parent).remove(path[path.length - 1]);
      }
    }
    return left;
  }
}
