package io.belay.face.migration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.capability.document.QueryAdapter;
import io.belay.capability.document.QueryAdapter.Answer;
import io.belay.capability.document.QueryAdapters;
import io.belay.capability.document.query.Find;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Answers queries on a store while it moves; applications need not know where it is. */
@RestController
@RequestMapping("/api/migration/query/{collection}")
@Tag(name = "Migration", description = "Moves a document store from 21 files to two")
class QueryApi {

  /**
   * @param side that answered: {@code legacy} or {@code new}
   * @param fellBack whether the other side was asked first
   */
  record One(ObjectNode document, String side, boolean fellBack) {}

  record Many(List<ObjectNode> documents, String side, boolean fellBack) {}

  record Count(long count, String side, boolean fellBack) {}

  private final MigrationStores stores;
  private final QueryAdapters adapters;

  QueryApi(MigrationStores stores, QueryAdapters adapters) {
    this.stores = stores;
    this.adapters = adapters;
  }

  @GetMapping
  @Operation(
      summary = "The document of that _id",
      description = "As it was in its legacy file, whichever side has it. 404 when none has.")
  One byId(
      @PathVariable String collection,
      @RequestParam String id,
      @RequestParam(required = false) String environment)
      throws IOException {
    Answer<List<ObjectNode>> answer = adapter(environment).byId(collection, id);
    if (answer.value().isEmpty()) {
      throw MigrationRefused.notFound(
          "Collection '%s' has no document with that _id.".formatted(collection));
    }
    return new One(answer.value().get(0), answer.side().text(), answer.fellBack());
  }

  @PostMapping
  @Operation(
      summary = "Documents that match a query",
      description =
          "`{\"query\": …, \"sort\": {\"field\": 1 or -1}, \"skip\": …, \"limit\": …,"
              + " \"projection\": {\"field\": 1 or 0}}`, all of them optional, with the operators of"
              + " NeDB: $lt, $lte, $gt, $gte, $ne, $in, $nin, $exists, $regex (with $options),"
              + " $size, $elemMatch; $and, $or, $not. 400 naming the place and the rule.")
  Many find(
      @PathVariable String collection,
      @RequestParam(required = false) String environment,
      @RequestBody(required = false) JsonNode request)
      throws IOException {
    Answer<List<ObjectNode>> answer = adapter(environment).find(collection, find(request));
    return new Many(answer.value(), answer.side().text(), answer.fellBack());
  }

  @PostMapping("/count")
  @Operation(summary = "How many documents match a query", description = "`{\"query\": …}`")
  Count count(
      @PathVariable String collection,
      @RequestParam(required = false) String environment,
      @RequestBody(required = false) JsonNode request)
      throws IOException {
    Answer<Long> answer = adapter(environment).count(collection, find(request).query());
    return new Count(answer.value(), answer.side().text(), answer.fellBack());
  }

  private static Find find(JsonNode request) {
    return Find.of(request == null ? JsonNodeFactory.instance.objectNode() : request);
  }

  private QueryAdapter adapter(String environment) {
    return adapters.of(stores.store(environment).target());
  }
}
