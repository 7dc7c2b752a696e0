package io.belay.capability.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A stream as {@code pg_dump --format=custom --compress=0} of PostgreSQL 12 to 18 writes it: a
 * header, the table of contents, then the rows of one table after the other and the large objects.
 * pg_restore can read it too, but prints the rows as a script: that takes a process, two pipes and
 * a parser for data that the archive stores with its length.
 *
 * <p>Source: {@code ReadHead}, {@code ReadToc} in PostgreSQL's {@code pg_backup_archiver.c}, {@code
 * _PrintTocData} in {@code pg_backup_custom.c}.
 */
final class CustomArchive {

  /** Receives the rows, in the order of the archive. */
  interface Rows {

    /**
     * Starts the rows of a table.
     *
     * @param copy {@code COPY … FROM stdin;} with a line end, in the archive's encoding
     */
    void table(byte[] copy) throws IOException;

    /** A row or a part of one; the bytes belong to the archive. */
    void rows(byte[] bytes, int from, int length) throws IOException;

    /** No more rows of that table. */
    void endTable() throws IOException;
  }

  /** Receives the large objects, in the order of the archive. */
  interface LargeObjects {

    void largeObject(long oid) throws IOException;

    /** A part of the large object; the bytes belong to the archive. */
    void content(byte[] bytes, int from, int length) throws IOException;

    /** No more large objects of this group; there may be others. */
    void endLargeObjects() throws IOException;
  }

  private static final byte[] MAGIC = "PGDMP".getBytes(StandardCharsets.US_ASCII);

  /** The end mark that pg_dump writes after a table's rows, for psql. */
  private static final byte[] END_MARK = "\\.\n\n\n".getBytes(StandardCharsets.US_ASCII);

  private static final int MAJOR = 1;
  private static final int OLDEST = 14;
  private static final int COMPRESSION_IS_A_BYTE = 15;
  private static final int TABLES_HAVE_A_KIND = 16;
  private static final int NEWEST = 16;
  private static final int POSITION_IS_KNOWN = 2;
  private static final int CUSTOM = 1;
  private static final int ROWS = 1;
  private static final int LARGE_OBJECTS = 3;

  private static final Pattern ENCODING = Pattern.compile("SET client_encoding = '(\\w+)';\n");

  private final ArchiveInput in;
  private byte[] beginning;
  private int offsetSize;
  private int minor;
  private String encoding = "UTF8";
  private final List<Integer> withoutData = new ArrayList<>();
  private final Map<Integer, byte[]> copies = new HashMap<>();

  /** Offset in the beginning of the position of an entry's data, by the entry's number. */
  private final Map<Integer, Integer> positions = new HashMap<>();

  /** Bytes of each table by the number of its entry, in the order of the archive. */
  private final Map<Integer, Long> sizes = new LinkedHashMap<>();

  private CustomArchive(InputStream in) {
    this.in = new ArchiveInput(in);
  }

  /**
   * Reads the table of contents.
   *
   * @throws IOException when it is not such an archive, has an unknown version, or is compressed
   */
  static CustomArchive open(InputStream in) throws IOException {
    CustomArchive archive = new CustomArchive(in);
    archive.readHead();
    archive.readContents();
    archive.beginning = archive.in.endKeeping();
    return archive;
  }

  /** PostgreSQL's name of the encoding, such as {@code UTF8}. */
  String encoding() {
    return encoding;
  }

  /** Header and table of contents, from which pg_restore creates all but rows and large objects. */
  byte[] beginning() {
    return beginning;
  }

  /**
   * As {@link #beginning()}, with the positions of each table's rows, which pg_dump cannot know
   * when it writes to a stream: with them {@code pg_restore --jobs} starts with the indexes of the
   * largest tables. The positions are scaled to lie within the beginning, because there is nothing
   * else. Call it after {@link #read} only.
   */
  byte[] beginningWithSizes() {
    byte[] sized = beginning.clone();
    long total = Math.max(1, sizes.values().stream().mapToLong(Long::longValue).sum());
    long before = 0;
    for (Map.Entry<Integer, Long> table : sizes.entrySet()) {
      long position = Math.round((double) sized.length * before / total);
      int at = positions.get(table.getKey());
      sized[at] = POSITION_IS_KNOWN;
      for (int i = 1; i <= offsetSize; i++) {
        sized[at + i] = (byte) (position >> (8 * (i - 1)));
      }
      before += table.getValue();
    }
    return sized;
  }

  /** Numbers of the entries that have no data outside the table of contents, in its order. */
  List<Integer> entriesWithoutData() {
    return List.copyOf(withoutData);
  }

  /** Reads the rest of the archive. */
  void read(Rows rows, LargeObjects objects) throws IOException {
    while (in.hasMore()) {
      int type = in.readByte();
      int entry = in.readInt();
      if (type == ROWS) {
        readTable(entry, rows);
      } else if (type == LARGE_OBJECTS) {
        readLargeObjects(objects);
      } else {
        throw new IOException("the archive has data of the unknown type " + type);
      }
    }
  }

  private void readTable(int entry, Rows rows) throws IOException {
    byte[] copy = copies.get(entry);
    if (copy == null) {
      throw new IOException("the archive has rows of entry %d, which is no table".formatted(entry));
    }
    rows.table(copy);
    long size = 0;
    ArchiveInput.Part unlessEnd =
        (bytes, from, n) -> {
          if (!isEndMark(bytes, from, n)) {
            rows.rows(bytes, from, n);
          }
        };
    for (int length = in.readLength(); length > 0; length = in.readLength()) {
      size += length;
      in.read(length, unlessEnd);
    }
    rows.endTable();
    sizes.put(entry, size);
  }

  /** Whether it is the end mark: in a row the backslash would be doubled. */
  private static boolean isEndMark(byte[] bytes, int from, int length) {
    return length == END_MARK.length
        && Arrays.equals(bytes, from, from + length, END_MARK, 0, length);
  }

  private void readLargeObjects(LargeObjects objects) throws IOException {
    for (long oid = in.readInt(); oid != 0; oid = in.readInt()) {
      objects.largeObject(oid & 0xffff_ffffL);
      for (int length = in.readLength(); length > 0; length = in.readLength()) {
        in.read(length, objects::content);
      }
    }
    objects.endLargeObjects();
  }

  private void readHead() throws IOException {
    byte[] magic = in.readBytes(MAGIC.length);
    int major = in.readByte();
    minor = in.readByte();
    in.readByte(); // revision
    if (!Arrays.equals(magic, MAGIC) || major != MAJOR || minor < OLDEST || minor > NEWEST) {
      throw new IOException(
          "it is no archive of pg_dump 12 to 18 (version %d.%d)".formatted(major, minor));
    }
    int intSize = in.readByte();
    offsetSize = in.readByte();
    if (intSize < 4 || intSize > 8 || offsetSize > 8 || in.readByte() != CUSTOM) {
      throw new IOException("it is no archive in pg_dump's custom format");
    }
    in.numbersOf(intSize);
    int compression = minor >= COMPRESSION_IS_A_BYTE ? in.readByte() : in.readInt();
    if (compression != 0) {
      throw new IOException("its rows are compressed inside, by pg_dump");
    }
    for (int time = 0; time < 7; time++) {
      in.readInt();
    }
    for (int text = 0; text < 3; text++) { // database, versions of server and pg_dump
      in.readText();
    }
  }

  private void readContents() throws IOException {
    for (int left = in.readInt(); left > 0; left--) {
      int entry = in.readInt();
      boolean hasData = in.readInt() != 0;
      in.readText(); // object id of the catalog
      in.readText(); // object id
      in.readText(); // name
      String kind = text(in.readText());
      in.readInt(); // section
      byte[] definition = in.readText();
      in.readText(); // how to drop it
      byte[] copy = in.readText();
      in.readText(); // schema
      in.readText(); // tablespace
      in.readText(); // access method
      if (minor >= TABLES_HAVE_A_KIND) {
        in.readInt();
      }
      in.readText(); // owner
      in.readText(); // with object ids
      while (in.readText() != null) {
        // dependencies
      }
      positions.put(entry, in.kept());
      in.readBytes(1 + offsetSize); // position of its data, unknown in a stream
      if (!hasData) {
        withoutData.add(entry);
      } else if (kind.equals("TABLE DATA") && copy != null) {
        copies.put(entry, copy);
      } else if (!kind.equals("BLOBS")) {
        throw new IOException("it has data of an unknown kind: " + kind);
      }
      if (kind.equals("ENCODING")) {
        encoding = encodingOf(text(definition));
      }
    }
  }

  private static String encodingOf(String definition) throws IOException {
    Matcher set = ENCODING.matcher(definition);
    if (!set.matches()) {
      throw new IOException("its encoding is set by '%s'".formatted(definition));
    }
    return set.group(1);
  }

  private static String text(byte[] bytes) {
    return bytes == null ? "" : new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
