package io.belay.backup;

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
 * head, the table of contents, then the rows of one table after the other and the large objects.
 * pg_restore reads it too, but would print the rows as a script, which takes a process, two pipes
 * and a parser for what stands here with its length before it.
 *
 * <p>Source: {@code ReadHead}, {@code ReadToc} in PostgreSQL's {@code pg_backup_archiver.c}, {@code
 * _PrintTocData} in {@code pg_backup_custom.c}.
 */
final class CustomArchive {

  /** What the rows are given to, in the order of the archive. */
  interface Rows {

    /**
     * The rows of a table begin.
     *
     * @param copy {@code COPY … FROM stdin;} with a line end, in the archive's encoding
     */
    void table(byte[] copy) throws IOException;

    /** A row or a part of one; the bytes belong to the archive. */
    void rows(byte[] bytes, int from, int length) throws IOException;

    /** No more rows of that table. */
    void endTable() throws IOException;
  }

  /** What the large objects are given to, in the order of the archive. */
  interface LargeObjects {

    void largeObject(long oid) throws IOException;

    /** A part of it; the bytes belong to the archive. */
    void content(byte[] bytes, int from, int length) throws IOException;

    /** No more large objects of this group; there may be others. */
    void endLargeObjects() throws IOException;
  }

  private static final byte[] MAGIC = "PGDMP".getBytes(StandardCharsets.US_ASCII);

  /** pg_dump ends the rows of a table for psql, which would read them from a script. */
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

  /** Where the beginning says where the data of an entry are, by the entry's number. */
  private final Map<Integer, Integer> positions = new HashMap<>();

  /** Bytes of each table, by the number of its entry, in their order. */
  private final Map<Integer, Long> sizes = new LinkedHashMap<>();

  private CustomArchive(InputStream in) {
    this.in = new ArchiveInput(in);
  }

  /**
   * Reads the table of contents.
   *
   * @throws IOException when it is no such archive, a version not known here, or compressed
   */
  static CustomArchive open(InputStream in) throws IOException {
    CustomArchive archive = new CustomArchive(in);
    archive.readHead();
    archive.readContents();
    archive.beginning = archive.in.endKeeping();
    return archive;
  }

  /** In PostgreSQL's words, such as {@code UTF8}. */
  String encoding() {
    return encoding;
  }

  /** Head and table of contents; pg_restore makes of it all but rows and large objects. */
  byte[] beginning() {
    return beginning;
  }

  /**
   * The same with what pg_dump could not know when it wrote to a stream: where the rows of each
   * table are. With it {@code pg_restore --jobs} begins with the indexes of the largest tables. The
   * positions lie within the beginning itself, in proportion to the real ones, because there is
   * nothing else. Only when all was read.
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

  /** Numbers of the entries that are wholly in the table of contents, in its order. */
  List<Integer> entriesWithoutData() {
    return List.copyOf(withoutData);
  }

  /** Reads all that is left. */
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

  /** In a row a backslash before a point would be doubled. */
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
        // what it depends on
      }
      positions.put(entry, in.kept());
      in.readBytes(1 + offsetSize); // where its data are, which a stream does not know
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
