package io.belay.capability.document;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Hashes of documents (63 bits, seeded at random), to compare a document of a legacy file with the
 * migrated one without keeping either.
 */
sealed interface ContentHash {

  /** The hash of a line of a legacy file. */
  long legacy(byte[] buffer, int start, int end) throws IOException;

  /**
   * The hash of the original document of a line of a new file.
   *
   * @param collection the line's
   */
  long migrated(byte[] buffer, int start, int end, String collection) throws IOException;

  long SEED = new SecureRandom().nextLong();
  long K = 0x9E3779B97F4A7C15L;

  /**
   * Hashes the bytes: equal only if the line was copied as it is. If they differ, {@link Canonical}
   * must decide.
   */
  record Raw() implements ContentHash {

    private static final VarHandle LONGS =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final byte[] OPEN =
        "{\"%s\":".formatted(MigratedDocument.COLLECTION).getBytes(StandardCharsets.UTF_8);

    @Override
    public long legacy(byte[] buffer, int start, int end) {
      return hash(buffer, start + 1, end);
    }

    @Override
    public long migrated(byte[] buffer, int start, int end, String collection) {
      int front = start + OPEN.length + collection.length() + 3; // two quotation marks, a comma
      boolean copied =
          front < end
              && buffer[front - 1] == ','
              && Arrays.equals(buffer, start, start + OPEN.length, OPEN, 0, OPEN.length);
      return copied ? hash(buffer, front, end) : -1;
    }

    private static long hash(byte[] buffer, int from, int to) {
      long h = SEED ^ (to - from);
      int i = from;
      for (; i + 8 <= to; i += 8) {
        h = (h ^ (long) LONGS.get(buffer, i)) * K;
        h ^= h >>> 29;
      }
      for (; i < to; i++) {
        h = (h ^ (buffer[i] & 0xff)) * K;
        h ^= h >>> 29;
      }
      return IdTable.mix(h) >>> 1;
    }
  }

  /**
   * Hashes the content as JavaScript sees it: the order of fields, white space and ways to write a
   * number or a character do not matter.
   */
  record Canonical() implements ContentHash {

    private static final long OBJECT = 1;
    private static final long ARRAY = 2;
    private static final long TEXT = 3;
    private static final long NUMBER = 4;
    private static final long TRUE = 5;
    private static final long FALSE = 6;
    private static final long NULL = 7;

    @Override
    public long legacy(byte[] buffer, int start, int end) throws IOException {
      return document(buffer, start, end, false);
    }

    @Override
    public long migrated(byte[] buffer, int start, int end, String collection) throws IOException {
      return document(buffer, start, end, true);
    }

    private static long document(byte[] buffer, int start, int end, boolean migrated)
        throws IOException {
      try (JsonParser parser = Json.FACTORY.createParser(buffer, start, end - start)) {
        parser.nextToken();
        long sum = 0;
        long id = 0;
        boolean otherId = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          JsonToken value = parser.nextToken();
          if (migrated && name.equals(MigratedDocument.COLLECTION)) {
            parser.skipChildren();
          } else if (migrated
              && name.equals(MigratedDocument.DISPLACED)
              && value == JsonToken.START_OBJECT) {
            while (parser.nextToken() != JsonToken.END_OBJECT) {
              String own = parser.currentName();
              otherId |= own.equals(MigratedDocument.ID);
              sum += field(own, value(parser, parser.nextToken()));
            }
          } else {
            long field = field(name, value(parser, value));
            id = name.equals(MigratedDocument.ID) ? field : id;
            sum += field;
          }
        }
        return IdTable.mix(otherId ? sum - id : sum) >>> 1;
      }
    }

    private static long field(String name, long value) {
      long h = SEED;
      for (int i = 0; i < name.length(); i++) {
        h = (h ^ name.charAt(i)) * K;
        h ^= h >>> 32;
      }
      return IdTable.mix(IdTable.mix(h) * K + value);
    }

    private static long value(JsonParser parser, JsonToken token) throws IOException {
      return switch (token) {
        case START_OBJECT -> {
          long sum = 0;
          while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            sum += field(name, value(parser, parser.nextToken()));
          }
          yield IdTable.mix(sum + OBJECT);
        }
        case START_ARRAY -> {
          long h = SEED + ARRAY;
          for (JsonToken item = parser.nextToken();
              item != JsonToken.END_ARRAY;
              item = parser.nextToken()) {
            h = IdTable.mix(h * K + value(parser, item));
          }
          yield h;
        }
        case VALUE_STRING -> {
          char[] text = parser.getTextCharacters();
          int from = parser.getTextOffset();
          int to = from + parser.getTextLength();
          long h = SEED + TEXT;
          for (int i = from; i < to; i++) {
            h = (h ^ text[i]) * K;
            h ^= h >>> 32;
          }
          yield IdTable.mix(h + to - from);
        }
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
          double number = Double.parseDouble(parser.getText());
          yield IdTable.mix(Double.doubleToLongBits(number == 0 ? 0 : number) ^ SEED + NUMBER);
        }
        case VALUE_TRUE -> IdTable.mix(SEED + TRUE);
        case VALUE_FALSE -> IdTable.mix(SEED + FALSE);
        default -> IdTable.mix(SEED + NULL);
      };
    }
  }
}
