package io.belay.capability.document.query;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What to find, in which order, and how many documents.
 *
 * @param sort criteria, the most significant first; finally {@code _id} decides, as in the library
 * @param limit the largest number of documents to return
 */
public record Find(Query query, List<Criterion> sort, int skip, int limit, Projection projection) {

  /** The most documents that one request may ask for. */
  public static final int MOST = 10_000;

  private static final int USUAL = 1000;
  private static final int FARTHEST = 100_000;
  private static final Set<String> FIELDS = Set.of("query", "sort", "skip", "limit", "projection");

  /** One field to sort by. */
  public record Criterion(String field, boolean descending) {

    /** The value by which the document is sorted. */
    JsonNode value(JsonNode document) {
      return Values.dot(document, field.split("\\.", -1), 0);
    }
  }

  /**
   * Reads {@code {"query": …, "sort": {"field": 1 or -1}, "skip": …, "limit": …, "projection":
   * {"field": 1 or 0}}}; all are optional.
   *
   * @throws InvalidQuery naming the place and the rule
   */
  public static Find of(JsonNode request) {
    if (!request.isObject()) {
      throw new InvalidQuery("", "the body must be an object with " + FIELDS);
    }
    request
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!FIELDS.contains(name)) {
                throw new InvalidQuery(
                    name, "is not known here; there are query, sort, skip, limit, projection");
              }
            });
    Find find =
        new Find(
            request.has("query") ? Query.of("query", request.get("query")) : Query.ALL,
            request.has("sort") ? criteria(request.get("sort")) : List.of(),
            number(request, "skip", 0, FARTHEST, 0),
            number(request, "limit", 1, MOST, USUAL),
            request.has("projection")
                ? Projection.of("projection", request.get("projection"))
                : Projection.ALL);
    if (find.skip() + find.limit() > FARTHEST) {
      throw new InvalidQuery(
          "skip", "skip and limit must not be more than %d together".formatted(FARTHEST));
    }
    return find;
  }

  private static List<Criterion> criteria(JsonNode sort) {
    if (!Values.isPlainObject(sort)) {
      throw new InvalidQuery("sort", "must be an object of fields, each 1 (ascending) or -1");
    }
    List<Criterion> criteria = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : sort.properties()) {
      JsonNode direction = field.getValue();
      if (!direction.isIntegralNumber() || Math.abs(direction.longValue()) != 1) {
        throw new InvalidQuery("sort." + field.getKey(), "must be 1 or -1");
      }
      criteria.add(new Criterion(field.getKey(), direction.longValue() < 0));
    }
    return criteria;
  }

  private static int number(JsonNode request, String name, int least, int most, int usual) {
    JsonNode value = request.path(name);
    if (value.isMissingNode()) {
      return usual;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < least
        || value.intValue() > most) {
      throw new InvalidQuery(name, "must be a whole number from %d to %d".formatted(least, most));
    }
    return value.intValue();
  }

  /** The values by which the document is sorted; {@code _id} last. */
  public List<JsonNode> sortKey(JsonNode document) {
    List<JsonNode> key = new ArrayList<>(sort.size() + 1);
    sort.forEach(criterion -> key.add(criterion.value(document)));
    key.add(document.path("_id"));
    return key;
  }

  /** The order of {@link #sortKey}s. */
  public Comparator<List<JsonNode>> order() {
    return (a, b) -> {
      for (int i = 0; i < sort.size(); i++) {
        int byCriterion = Values.compare(a.get(i), b.get(i));
        if (byCriterion != 0) {
          return sort.get(i).descending() ? -byCriterion : byCriterion;
        }
      }
      return Values.compare(a.get(sort.size()), b.get(sort.size()));
    };
  }
}
