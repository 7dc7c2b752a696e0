package io.belay.capability.document;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Makes lines of the new files from lines of the legacy ones. Nearly all are copied as they are,
 * with the collection inserted in front; the others are parsed and rewritten, each number with all
 * its digits.
 */
final class MigratedLine {

  /** Escapes all non-ASCII characters, so that the library takes none for a line break. */
  private static final JsonMapper EXACT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(Integer.MAX_VALUE)
                          .maxNameLength(Integer.MAX_VALUE)
                          .maxNumberLength(Json.LONGEST_NUMBER)
                          .maxNestingDepth(Json.DEEPEST)
                          .build())
                  .streamWriteConstraints(
                      StreamWriteConstraints.builder().maxNestingDepth(Json.DEEPEST + 2).build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final String collection;
  private final byte[] front;

  MigratedLine(String collection) {
    this.collection = collection;
    this.front =
        "{\"%s\":%s,"
            .formatted(MigratedDocument.COLLECTION, Json.quoted(collection))
            .getBytes(StandardCharsets.UTF_8);
  }

  /** Copies the line as it is, with the collection in front. */
  void copy(byte[] buffer, int start, int end, PartFile out) throws IOException {
    int brace = start;
    while (buffer[brace] == ' ' || buffer[brace] == '\t') {
      brace++;
    }
    out.write(front, 0, front.length);
    out.write(buffer, brace + 1, end);
    out.endLine();
  }

  /**
   * Rewrites the line.
   *
   * @param newId another {@code _id}; null when the document keeps its own
   */
  void rewrite(byte[] buffer, int start, int end, String newId, PartFile out) throws IOException {
    ObjectNode original = (ObjectNode) EXACT.readTree(buffer, start, end - start);
    byte[] line = EXACT.writeValueAsBytes(MigratedDocument.of(collection, original, newId));
    out.write(line, 0, line.length);
    out.endLine();
  }

  /** A line that defines an index. */
  static byte[] index(NedbIndex index) {
    return "{\"$$indexCreated\":{\"fieldName\":%s,\"unique\":%s,\"sparse\":%s}}"
        .formatted(Json.quoted(index.fieldName()), index.unique(), index.sparse())
        .getBytes(StandardCharsets.UTF_8);
  }
}
