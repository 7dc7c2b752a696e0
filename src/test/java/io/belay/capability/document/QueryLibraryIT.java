package io.belay.capability.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.capability.document.query.Find;
import io.belay.capability.document.query.InvalidQuery;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The adapter answers random queries on random documents as the real library does. */
class QueryLibraryIT {

  private static final int DOCUMENTS = 150;
  private static final int QUERIES = 4000;
  private static final String[] FIELDS = {"a", "b", "c", "d"};
  private static final String[] PATHS = {
    "a",
    "b",
    "c",
    "d",
    "a.a",
    "a.b",
    "b.a",
    "c.a.b",
    "d.0",
    "d.1",
    "d.0.a",
    "d.a",
    "b.length",
    "_id"
  };
  private static final String[] TEXTS = {"", "a", "b", "B", "ab", "5", "x y", "\u00e9", "a\nb"};
  private static final String[] EXPRESSIONS = {
    "a",
    "^a",
    "b$",
    "^.$",
    "[a-c]+",
    "\\d",
    "\\s",
    "a|x",
    "(a)(b)?",
    "\\w\\s\\w",
    "[^a]",
    "",
    "a{1,2}"
  };
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  @TempDir Path directory;
  private Random random;

  @Test
  void randomQueries_areAnsweredAsByTheLibrary() throws Exception {
    Nedb.require();
    long seed = System.nanoTime();
    random = new Random(seed);
    Path file = directory.resolve("users.db");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < DOCUMENTS; i++) {
      lines.append(document(random.nextInt(DOCUMENTS))).append('\n');
    }
    Files.writeString(file, lines);
    ArrayNode requests = NODES.arrayNode();
    for (int i = 0; i < QUERIES; i++) {
      requests.add(request());
    }
    Path asked = directory.resolve("requests.json");
    Json.MAPPER.writeValue(asked.toFile(), requests);

    JsonNode answers = Nedb.run("find", file, asked);

    QueryAdapter adapter = new QueryAdapter(QueryAdapterTest.target(directory));
    int found = 0;
    for (int i = 0; i < QUERIES; i++) {
      JsonNode request = requests.get(i);
      JsonNode ours;
      try {
        List<ObjectNode> documents = adapter.find("users", Find.of(request)).value();
        ours = sortedFields(NODES.arrayNode().addAll(documents));
        found += documents.size();
      } catch (InvalidQuery refused) {
        ours = NODES.textNode("refused");
      }
      JsonNode theirs = answers.get(i);
      if (!theirs.isTextual() || !ours.isTextual()) {
        assertThat(ours.toString())
            .as("seed %d, request %d: %s", seed, i, request)
            .isEqualTo(sortedFields(theirs).toString());
      }
    }
    assertThat(found).isGreaterThan(QUERIES);
  }

  private ObjectNode document(int id) {
    ObjectNode document = NODES.objectNode();
    document.put("_id", "id%03d".formatted(id));
    for (String field : FIELDS) {
      if (random.nextInt(4) > 0) {
        document.set(field, value(2));
      }
    }
    return document;
  }

  private JsonNode value(int depth) {
    return switch (random.nextInt(depth > 0 ? 9 : 6)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(random.nextBoolean());
      case 2 -> NODES.numberNode(random.nextInt(6) - 1);
      case 3 -> NODES.numberNode(random.nextInt(8) / 2.0);
      case 4 -> NODES.textNode(TEXTS[random.nextInt(TEXTS.length)]);
      case 5 -> NODES.objectNode().put("$$date", random.nextInt(5) - 1);
      case 6, 7 -> {
        ArrayNode list = NODES.arrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          list.add(value(depth - 1));
        }
        yield list;
      }
      default -> {
        ObjectNode object = NODES.objectNode();
        for (int i = random.nextInt(3); i > 0; i--) {
          object.set(random.nextBoolean() ? "a" : "b", value(depth - 1));
        }
        yield object;
      }
    };
  }

  private ObjectNode request() {
    ObjectNode request = NODES.objectNode();
    request.set("query", query(2));
    // Found by _id, the library answers in the order of its index, else by _id: so it is said.
    ObjectNode sort = request.putObject("sort");
    for (int i = random.nextInt(3); i > 0; i--) {
      sort.put(PATHS[random.nextInt(PATHS.length - 2)], random.nextBoolean() ? 1 : -1);
    }
    sort.put("_id", 1);
    if (random.nextInt(3) == 0) {
      request.put("skip", random.nextInt(5));
      request.put("limit", 1 + random.nextInt(10));
    }
    if (random.nextInt(3) == 0) {
      ObjectNode projection = request.putObject("projection");
      int keep = random.nextInt(2);
      projection.put(FIELDS[random.nextInt(FIELDS.length)], keep);
      projection.put(random.nextBoolean() ? "a" : "b", keep);
      if (random.nextInt(3) == 0) {
        projection.put("_id", random.nextInt(2));
      }
    }
    return request;
  }

  private ObjectNode query(int depth) {
    ObjectNode query = NODES.objectNode();
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      int kind = random.nextInt(depth > 0 ? 8 : 5);
      if (kind == 5) {
        query.set("$not", query(depth - 1));
      } else if (kind > 5) {
        ArrayNode parts = query.putArray(kind == 6 ? "$and" : "$or");
        for (int j = random.nextInt(3); j >= 0; j--) {
          parts.add(query(depth - 1));
        }
      } else {
        query.set(PATHS[random.nextInt(PATHS.length)], condition());
      }
    }
    return query;
  }

  private JsonNode condition() {
    if (random.nextInt(3) == 0) {
      return value(2);
    }
    ObjectNode condition = NODES.objectNode();
    for (int i = random.nextInt(2); i >= 0; i--) {
      switch (random.nextInt(10)) {
        case 0 -> condition.set("$lt", value(1));
        case 1 -> condition.set("$lte", value(1));
        case 2 -> condition.set("$gt", value(1));
        case 3 -> condition.set("$gte", value(1));
        case 4 -> condition.set("$ne", value(1));
        case 5 -> condition.set("$in", NODES.arrayNode().add(value(1)).add(value(1)));
        case 6 -> condition.set("$nin", NODES.arrayNode().add(value(1)).add(value(1)));
        case 7 -> condition.set("$exists", value(0));
        case 8 -> condition.put("$size", random.nextInt(4));
        default -> {
          condition.put("$regex", EXPRESSIONS[random.nextInt(EXPRESSIONS.length)]);
          if (random.nextInt(3) == 0) {
            condition.put("$options", "i");
          }
        }
      }
    }
    return condition;
  }

  /** Numbers as JavaScript writes them, fields in one order. */
  private static JsonNode sortedFields(JsonNode value) {
    if (value.isArray()) {
      ArrayNode list = NODES.arrayNode();
      value.forEach(element -> list.add(sortedFields(element)));
      return list;
    }
    if (value.isObject()) {
      ObjectNode sorted = NODES.objectNode();
      value.properties().stream()
          .sorted(java.util.Map.Entry.comparingByKey())
          .forEach(field -> sorted.set(field.getKey(), sortedFields(field.getValue())));
      return sorted;
    }
    return value.isNumber() ? NODES.numberNode(value.doubleValue()) : value;
  }
}
