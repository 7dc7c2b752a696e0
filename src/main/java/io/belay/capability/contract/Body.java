package io.belay.capability.contract;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.springframework.lang.Nullable;

/**
 * The body of an answer, read as JSON if its type says so; without a type, if it is an object or an
 * array.
 *
 * @param json null when it is no JSON
 * @param twice JSON pointer of a key that stands twice in its object; null when there is none
 */
record Body(byte[] bytes, @Nullable JsonNode json, @Nullable String twice) {

  private static final String JSON_TYPE = "(?is)\\s*[\\w.+-]+/([\\w.+-]+\\+)?json\\s*(;.*)?";

  /** Numbers keep all their digits, trailing zeros too. */
  static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  static Body of(Answer answer) {
    byte[] bytes = answer.body();
    boolean typed = !answer.contentType().isBlank();
    if (typed && !isJson(answer.contentType())) {
      return new Body(bytes, null, null);
    }
    JsonNode json = read(bytes);
    return json == null || !typed && !json.isContainerNode()
        ? new Body(bytes, null, null)
        : new Body(bytes, json, twice(bytes));
  }

  static boolean isJson(String contentType) {
    return contentType.matches(JSON_TYPE);
  }

  private static JsonNode read(byte[] bytes) {
    try {
      JsonNode json = JSON.readTree(bytes);
      return json == null || json.isMissingNode() ? null : json;
    } catch (IOException | ArithmeticException | NumberFormatException e) {
      return null;
    }
  }

  private static String twice(byte[] bytes) {
    try {
      JSON.reader().with(StreamReadFeature.STRICT_DUPLICATE_DETECTION).readTree(bytes);
      return null;
    } catch (JacksonException e) {
      // The same text was read without this check, so nothing else can be wrong with it.
      return e.getProcessor() instanceof JsonParser parser
          ? parser.getParsingContext().pathAsPointer().toString()
          : "";
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory can be read", e);
    }
  }

  boolean isEmpty() {
    return bytes.length == 0;
  }

  /** Its kind, for people. */
  String kind() {
    return json == null ? "no JSON" : "JSON";
  }

  /** A short text as it is, anything else by its size and hash. */
  String summary() {
    String text = new String(bytes, StandardCharsets.UTF_8);
    boolean readable =
        bytes.length <= 200 && text.chars().noneMatch(c -> c == 0xFFFD || c < ' ' && c != '\n');
    return readable ? text : "%d bytes, SHA-256 %s".formatted(bytes.length, sha256());
  }

  private String sha256() {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
