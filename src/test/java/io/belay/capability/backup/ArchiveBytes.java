package io.belay.capability.backup;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Writes what pg_dump would, in any version of its custom format. */
final class ArchiveBytes {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final int minor;

  ArchiveBytes(int minor) {
    this.minor = minor;
  }

  /** Not compressed, with four bytes for a number and eight for an offset. */
  ArchiveBytes head(int entries) {
    return head(0, entries);
  }

  ArchiveBytes head(int compression, int entries) {
    text("PGDMP").bytes(1, minor, 0, 4, 8, 1);
    if (minor >= 15) {
      bytes(compression);
    } else {
      number(compression);
    }
    for (int time : new int[] {5, 4, 3, 28, 10, 126, -1}) {
      number(time);
    }
    return string("shop").string("15.3").string("15.18 (Debian)").number(entries);
  }

  ArchiveBytes entry(int id, String kind, String definition) {
    return entry(id, kind, definition, null, false);
  }

  ArchiveBytes table(int id, String copy) {
    return entry(id, "TABLE DATA", "", copy, true);
  }

  ArchiveBytes entry(int id, String kind, String definition, String copy, boolean data) {
    number(id).number(data ? 1 : 0).string("0").string("1234").string("name").string(kind);
    number(2).string(definition).string("").string(copy);
    string("public").string(null).string("heap");
    if (minor >= 16) {
      number(114);
    }
    string("app").string("false").string("7").string("11").string(null);
    return bytes(data ? 1 : 3, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  /** As pg_dump writes them, one after the other. */
  ArchiveBytes rows(int id, Iterable<String> rows) {
    bytes(1).number(id);
    rows.forEach(row -> string(row + "\n"));
    return string("\\.\n\n\n").number(0);
  }

  ArchiveBytes largeObjects(int id, Consumer<ArchiveBytes> objects) {
    bytes(3).number(id);
    objects.accept(this);
    return number(0);
  }

  /** Null for none. */
  ArchiveBytes string(String text) {
    if (text == null) {
      return number(-1);
    }
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    number(encoded.length);
    bytes.writeBytes(encoded);
    return this;
  }

  ArchiveBytes number(long number) {
    bytes(number < 0 ? 1 : 0);
    for (int i = 0; i < 4; i++) {
      bytes((int) (Math.abs(number) >> (8 * i)));
    }
    return this;
  }

  ArchiveBytes bytes(int... values) {
    for (int value : values) {
      bytes.write(value);
    }
    return this;
  }

  private ArchiveBytes text(String text) {
    bytes.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }
}
