package io.belay.capability.configuration;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** The members of one object in a JSON text. Changes touch no other character of it. */
final class JsonText {

  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final ObjectMapper JSON =
      new ObjectMapper(FACTORY).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final ObjectMapper SORTED =
      JSON.copy()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN);

  /** Where a member stands: its name begins at {@code name}, its value has [value, end). */
  private record Place(int name, int value, int end) {}

  private final String text;
  private final String at;
  private final Map<String, Place> members = new LinkedHashMap<>();
  private int open = -1;

  private JsonText(String text, String at) {
    this.text = text;
    this.at = at;
  }

  /**
   * @param at JSON pointer to the object; empty for the whole
   * @throws TargetException when it is no JSON, has a name twice, or there is no such object
   */
  static JsonText of(String text, String at) {
    JsonText json = new JsonText(text, at);
    try (JsonParser parser = FACTORY.createParser(text)) {
      JSON.readTree(text);
      json.read(parser);
    } catch (JsonProcessingException e) {
      throw refused("it cannot be changed safely, for it is no JSON or has a name twice", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a text in memory is read
    }
    if (json.open < 0) {
      throw new TargetException("it has no object at '%s'".formatted(at));
    }
    return json;
  }

  /** Says where and no more: the parser's message and its cause quote the text, maybe a secret. */
  private static TargetException refused(String problem, JsonProcessingException e) {
    JsonLocation at = Objects.requireNonNullElse(e.getLocation(), JsonLocation.NA);
    return new TargetException(
        "%s (line %d, column %d)".formatted(problem, at.getLineNr(), at.getColumnNr()));
  }

  static JsonText of(byte[] content, String at) {
    try {
      return of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString(), at);
    } catch (CharacterCodingException e) {
      throw new TargetException("it is not UTF-8", e);
    }
  }

  private void read(JsonParser parser) throws IOException {
    JsonPointer object = JsonPointer.compile(at);
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      JsonPointer here = parser.getParsingContext().pathAsPointer();
      if (token == JsonToken.START_OBJECT && here.equals(object)) {
        open = (int) parser.currentTokenLocation().getCharOffset();
        readMembers(parser);
      }
    }
  }

  private void readMembers(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      int name = (int) parser.currentTokenLocation().getCharOffset();
      String key = parser.currentName();
      parser.nextToken();
      int value = (int) parser.currentTokenLocation().getCharOffset();
      parser.skipChildren();
      parser.finishToken();
      members.put(key, new Place(name, value, (int) parser.currentLocation().getCharOffset()));
    }
  }

  /** The text of the member's value; null when there is no such member. */
  String value(String key) {
    Place place = members.get(key);
    return place == null ? null : text.substring(place.value(), place.end());
  }

  /**
   * @param value as JSON; null to remove the member
   */
  JsonText with(String key, String value) {
    Place place = members.get(key);
    if (place == null) {
      return value == null ? this : of(inserted(key, value), at);
    }
    return of(
        value == null
            ? removed(key, place)
            : text.substring(0, place.value()) + value + text.substring(place.end()),
        at);
  }

  /** As the first member, indented as the one that was first. */
  private String inserted(String key, String value) {
    String member =
        "\"%s\": %s"
            .formatted(new String(JsonStringEncoder.getInstance().quoteAsString(key)), value);
    if (!members.isEmpty()) {
      int first = members.values().iterator().next().name();
      member = text.substring(open + 1, first) + member + ",";
    }
    return text.substring(0, open + 1) + member + text.substring(open + 1);
  }

  private String removed(String key, Place place) {
    int from = place.name();
    int to = place.end();
    Place before = null;
    boolean passed = false;
    for (Map.Entry<String, Place> member : members.entrySet()) {
      if (passed) {
        // What stands between them goes with it, so that an inserted member leaves nothing behind.
        return text.substring(0, from) + text.substring(member.getValue().name());
      }
      passed = member.getKey().equals(key);
      before = passed ? before : member.getValue();
    }
    return text.substring(0, before == null ? from : before.end()) + text.substring(to);
  }

  /** The JSON itself when it is JSON, else a string. */
  static String stored(String value) {
    return isJson(value) ? value : JSON.valueToTree(value).toString();
  }

  private static boolean isJson(String value) {
    try {
      return !JSON.readTree(value).isMissingNode() && value.equals(value.strip());
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  /** The same for all ways to write it: spaces, the order of members, 1 and 1.0. */
  static String canonical(String json) {
    try {
      Object value = json == null ? null : SORTED.treeToValue(SORTED.readTree(json), Object.class);
      return json == null ? null : SORTED.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw refused("a value is no JSON", e);
    }
  }

  /** A string without its quotes; anything else as it stands there. */
  static String plain(String json) {
    try {
      JsonNode node = json == null ? null : JSON.readTree(json);
      return node != null && node.isTextual() ? node.textValue() : json;
    } catch (JsonProcessingException e) {
      throw refused("a value is no JSON", e);
    }
  }

  byte[] bytes() {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return text;
  }
}
