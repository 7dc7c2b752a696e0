package io.belay.capability.document;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.belay.capability.document.query.JavaScript;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * The meaning of one line of a NeDB file, as the library decides it. The whole line must be JSON;
 * only the content that the format needs is kept. One object reads many lines: each {@link #parse}
 * replaces the result of the previous one.
 */
final class NedbLine {

  /** The end of a line that was cut off within {@code true}, {@code false} or {@code null}. */
  private static final Pattern CUT_LITERAL =
      Pattern.compile("[:,\\[ ](t|tr|tru|f|fa|fal|fals|n|nu|nul)$");

  /** What a line is. */
  enum Kind {
    DOCUMENT,
    DELETION,
    INDEX_CREATED,
    INDEX_REMOVED,
    /** Only white space; the library ignores it. */
    BLANK,
    UNREADABLE
  }

  private final FieldNames names;
  private Kind kind;
  private String problem;
  private boolean beginning;
  private String id;
  private boolean idUnusable;
  private boolean deleted;
  private boolean dateItself;
  private boolean ownCollection;
  private boolean ownDisplaced;
  private String collection;
  private String displacedId;
  private NedbIndex index;
  private String removedIndex;
  private long oldest = Long.MAX_VALUE;
  private long newest = Long.MIN_VALUE;

  NedbLine() {
    this(new FieldNames());
  }

  /**
   * @param names receives the names of all fields of documents
   */
  NedbLine(FieldNames names) {
    this.names = names;
  }

  Kind kind() {
    return kind;
  }

  /**
   * Whether the line is the start of a document: if it is its file's unterminated last line, a
   * crash cut off an append.
   */
  boolean isBeginning() {
    return beginning;
  }

  /** Why the line is unreadable; never its content. */
  String problem() {
    return problem;
  }

  /** The library's key of the document: its {@code _id} as a JavaScript string. */
  String id() {
    return id;
  }

  /** The {@code _id} that a document of a new file had in its legacy file, as a string. */
  String originalId() {
    return displacedId == null ? id : displacedId;
  }

  /** The document's {@code _collection}; null unless it is a string. */
  String collection() {
    return collection;
  }

  /** Whether the document itself has fields whose names the new files reserve. */
  boolean usesReservedNames() {
    return ownCollection || ownDisplaced;
  }

  NedbIndex index() {
    return index;
  }

  String removedIndex() {
    return removedIndex;
  }

  /**
   * Earliest date (milliseconds) of all lines so far; {@link Long#MAX_VALUE} when there was none.
   */
  long oldest() {
    return oldest;
  }

  /** Latest date of all lines so far; {@link Long#MIN_VALUE} when there was none. */
  long newest() {
    return newest;
  }

  void parse(byte[] buffer, int start, int end) {
    id = null;
    idUnusable = false;
    deleted = false;
    dateItself = false;
    ownCollection = false;
    ownDisplaced = false;
    collection = null;
    displacedId = null;
    index = null;
    removedIndex = null;
    problem = null;
    beginning = false;
    if (LineBytes.blank(buffer, start, end)) {
      kind = Kind.BLANK;
      return;
    }
    String bytes = LineBytes.problem(buffer, start, end);
    if (bytes != null) {
      unreadable(bytes);
      return;
    }
    names.begin();
    try (JsonParser parser = Json.FACTORY.createParser(buffer, start, end - start)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        unreadable("is no JSON object");
        return;
      }
      fields(parser);
      if (parser.nextToken() != null) {
        unreadable("goes on behind the document");
        return;
      }
    } catch (JsonEOFException e) {
      unreadable("ends in the middle of a document");
      beginning = true;
      return;
    } catch (StreamConstraintsException e) {
      unreadable("is nested deeper or has a longer number than can be read");
      return;
    } catch (JsonProcessingException e) { // its message shows content
      unreadable("is no JSON from byte %d on".formatted(e.getLocation().getByteOffset()));
      beginning = CUT_LITERAL.matcher(tail(buffer, start, end)).find();
      return;
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory cannot fail to be read", e);
    }
    decide();
  }

  private static String tail(byte[] buffer, int start, int end) {
    int from = Math.max(start, end - 8);
    return new String(buffer, from, end - from, StandardCharsets.ISO_8859_1);
  }

  /** Decides the kind of the line, with checks in the library's order. */
  private void decide() {
    if (dateItself) {
      unreadable("is a date and no document");
    } else if (idUnusable) {
      unreadable("has an _id that is neither text nor number");
    } else if (id != null) {
      kind = deleted ? Kind.DELETION : Kind.DOCUMENT;
    } else if (index != null) {
      kind = Kind.INDEX_CREATED;
    } else if (removedIndex != null) {
      kind = Kind.INDEX_REMOVED;
    } else {
      unreadable("has no _id (or 0, false, null or an empty text), so the library ignores it");
    }
  }

  private void unreadable(String why) {
    kind = Kind.UNREADABLE;
    problem = why;
  }

  private void fields(JsonParser parser) throws IOException {
    int depth = 1;
    boolean displaced = false;
    while (depth > 0) {
      JsonToken token = parser.nextToken();
      if (token == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        if (depth == 1) {
          names.seen(name);
          displaced = name.equals(MigratedDocument.DISPLACED);
          ownDisplaced |= displaced;
        }
        char first = name.isEmpty() ? 'x' : name.charAt(0);
        if (first == '$' || (first == '_' && (depth == 1 || (depth == 2 && displaced)))) {
          depth += special(parser, name, depth, displaced);
        }
      } else if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      }
    }
  }

  /** Reads a special field; returns by how much deeper the parser is afterwards. */
  private int special(JsonParser parser, String name, int depth, boolean displaced)
      throws IOException {
    JsonToken value = parser.nextToken();
    if (name.equals("$$date")) {
      dateItself |= depth == 1;
      if (value == JsonToken.VALUE_NUMBER_INT && parser.getText().length() < 17) {
        oldest = Math.min(oldest, parser.getLongValue());
        newest = Math.max(newest, parser.getLongValue());
      }
    } else if (depth == 2 && displaced) {
      if (name.equals(MigratedDocument.ID)) {
        displacedId = key(parser, value);
      }
    } else if (depth == 1) {
      switch (name) {
        case MigratedDocument.ID -> {
          id = key(parser, value);
          idUnusable = value.isStructStart();
        }
        case MigratedDocument.COLLECTION -> {
          ownCollection = true;
          collection = value == JsonToken.VALUE_STRING ? parser.getText() : null;
        }
        case "$$deleted" -> deleted = value == JsonToken.VALUE_TRUE;
        case "$$indexRemoved" ->
            removedIndex = value == JsonToken.VALUE_STRING ? parser.getText() : null;
        case "$$indexCreated" -> {
          if (value == JsonToken.START_OBJECT) {
            index(parser);
            return 0;
          }
        }
        default -> {
          // an ordinary field
        }
      }
    }
    return value.isStructStart() ? 1 : 0;
  }

  /** The key of an {@code _id}; null if the library considers the value absent. */
  private static String key(JsonParser parser, JsonToken value) throws IOException {
    return switch (value) {
      case VALUE_STRING -> parser.getTextLength() == 0 ? null : parser.getText();
      case VALUE_TRUE -> "true";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> JavaScript.truthy(parser.getText());
      default -> null;
    };
  }

  private void index(JsonParser parser) throws IOException {
    String field = null;
    boolean unique = false;
    boolean sparse = false;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "fieldName" -> field = value == JsonToken.VALUE_STRING ? parser.getText() : null;
        case "unique" -> unique = value == JsonToken.VALUE_TRUE;
        case "sparse" -> sparse = value == JsonToken.VALUE_TRUE;
        default -> parser.skipChildren();
      }
    }
    index = field == null ? null : new NedbIndex(field, unique, sparse);
  }
}
