package io.belay.capability.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That a real pg_dump writes so is seen in {@link RestoreBesideIT}. */
class CustomArchiveTest {

  private static final String ENCODING = "SET client_encoding = 'UTF8';\n";

  /** What a session would be sent. */
  private static final class Kept implements RowDistributor.Lane, CustomArchive.LargeObjects {

    private final Map<String, ByteArrayOutputStream> tables = new TreeMap<>();
    private final Map<Long, ByteArrayOutputStream> objects = new TreeMap<>();
    private ByteArrayOutputStream open;
    private int blocks;

    @Override
    public void copy(byte[] statement) {
      assertThat(open).isNull();
      open = new ByteArrayOutputStream();
      assertThat(tables.put(new String(statement, StandardCharsets.UTF_8), open)).isNull();
    }

    @Override
    public void rows(byte[] block, int length) {
      open.write(block, 0, length);
      blocks++;
    }

    @Override
    public void endCopy() {
      assertThat(open.toString(StandardCharsets.UTF_8)).endsWith("\n");
      open = null;
    }

    @Override
    public void largeObject(long oid) {
      open = new ByteArrayOutputStream();
      objects.put(oid, open);
    }

    @Override
    public void content(byte[] bytes, int from, int length) {
      open.write(bytes, from, length);
    }

    @Override
    public void endLargeObjects() {
      open = null;
    }

    /** As if none was read yet. */
    @Override
    public int waiting() {
      return blocks;
    }
  }

  private static List<Kept> deal(InputStream archive, int lanes) throws IOException {
    List<Kept> kept = new ArrayList<>();
    for (int i = 0; i < lanes; i++) {
      kept.add(new Kept());
    }
    CustomArchive.open(archive).read(new RowDistributor(kept), kept.get(0));
    return kept;
  }

  private static InputStream stream(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  /** As a decompressor gives it: now more, now less. */
  private static InputStream trickle(byte[] bytes, Random random) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] to, int offset, int length) {
        return super.read(to, offset, Math.min(length, 1 + random.nextInt(70_000)));
      }
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void everyRow_reachesOneLane_insideItsStatement(int lanes) throws IOException {
    Random random = new Random(lanes);
    Map<String, List<String>> expected = new TreeMap<>();
    ArchiveBytes archive = new ArchiveBytes(14).head(31).entry(1, "ENCODING", ENCODING);
    for (int table = 2; table < 32; table++) {
      String copy = "COPY public.\"t %d\" (id, \"FROM stdin;\") FROM stdin;\n".formatted(table);
      archive.table(table, copy);
      List<String> rows = new ArrayList<>();
      for (int row = random.nextInt(3) * random.nextInt(3000); row > 0; row--) {
        rows.add(table + "\t" + row + "\t" + "\\\\.ü".repeat(random.nextInt(200)) + "\\n");
      }
      if (table == 17) { // longer than what is read at once
        rows.add(table + "\tlarge\t" + "x".repeat(1_000_000));
        rows.add(table + "\tmore");
      }
      expected.put(copy, rows);
    }
    int id = 2;
    for (int table = 2; table < 32; table++) {
      archive.rows(
          id++,
          expected.get(
              "COPY public.\"t %d\" (id, \"FROM stdin;\") FROM stdin;\n".formatted(table)));
    }

    List<Kept> kept = deal(trickle(archive.toBytes(), random), lanes);

    for (String copy : expected.keySet()) {
      List<String> rows = new ArrayList<>();
      for (Kept lane : kept) {
        if (lane.tables.containsKey(copy)) {
          lane.tables.get(copy).toString(StandardCharsets.UTF_8).lines().forEach(rows::add);
        }
      }
      Collections.sort(rows);
      Collections.sort(expected.get(copy));
      assertThat(rows.equals(expected.get(copy))).as(copy).isTrue(); // megabytes
    }
    assertThat(kept).allMatch(lane -> lane.tables.size() > 1);
  }

  private static ArchiveBytes small(int minor) {
    return new ArchiveBytes(minor)
        .head(5)
        .entry(1, "ENCODING", "SET client_encoding = 'LATIN1';\n")
        .entry(12, "TABLE", "CREATE TABLE public.t (id integer);\n")
        .table(13, "COPY public.t (id) FROM stdin;\n")
        .entry(14, "BLOBS", "", null, true)
        .entry(15, "SEQUENCE SET", "SELECT pg_catalog.setval('public.s', 7, true);\n");
  }

  private static ArchiveBytes whole(int minor) {
    return small(minor)
        .rows(13, List.of("1", "2", "\\N"))
        .largeObjects(
            14,
            objects ->
                objects
                    .number(4_000_000_000L - (1L << 32)) // as an object id of that size is written
                    .string("first ")
                    .string("second")
                    .number(0)
                    .number(77)
                    .number(0));
  }

  @ParameterizedTest
  @ValueSource(ints = {14, 15, 16})
  void everyVersion_isRead(int minor) throws IOException {
    byte[] bytes = whole(minor).toBytes();
    CustomArchive archive = CustomArchive.open(stream(bytes));

    assertThat(archive.encoding()).isEqualTo("LATIN1");
    assertThat(archive.beginning()).isEqualTo(small(minor).toBytes());
    assertThat(archive.entriesWithoutData()).containsExactly(1, 12, 15);
    Kept kept = deal(stream(bytes), 1).get(0);
    assertThat(kept.tables).containsOnlyKeys("COPY public.t (id) FROM stdin;\n");
    assertThat(kept.tables.values().iterator().next().toString()).isEqualTo("1\n2\n\\N\n");
    assertThat(kept.objects).containsOnlyKeys(77L, 4_000_000_000L);
    assertThat(kept.objects.get(77L).size()).isZero();
    assertThat(kept.objects.get(4_000_000_000L).toString()).isEqualTo("first second");
  }

  /** So that pg_restore can tell which table is larger; its own words for it are seen by hand. */
  @Test
  void positionsOfRows_areInProportion() throws IOException {
    ArchiveBytes contents =
        new ArchiveBytes(15)
            .head(4)
            .table(5, "COPY public.a (id) FROM stdin;\n")
            .table(6, "COPY public.b (id) FROM stdin;\n")
            .entry(7, "INDEX", "CREATE INDEX i ON public.b USING btree (id);\n")
            .table(8, "COPY public.c (id) FROM stdin;\n");
    byte[] before = contents.toBytes();
    byte[] whole =
        contents
            .rows(5, List.of("x".repeat(1000)))
            .rows(6, List.of("x".repeat(3000)))
            .rows(8, List.of())
            .toBytes();
    CustomArchive archive = CustomArchive.open(stream(whole));
    Kept kept = new Kept();
    archive.read(new RowDistributor(List.of(kept)), kept);

    byte[] sized = archive.beginningWithSizes();

    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i < before.length; i++) {
      if (sized[i] != before[i] && sized[i] == 2) { // known, where it was not
        positions.add((sized[i + 1] & 0xff) | (sized[i + 2] & 0xff) << 8);
      }
    }
    assertThat(positions).hasSize(3).isSorted();
    assertThat(positions.get(0)).isZero();
    assertThat((double) positions.get(1) / before.length).isCloseTo(0.25, offset(0.01));
    assertThat((double) positions.get(2) / before.length).isCloseTo(1, offset(0.01));
    assertThat(CustomArchive.open(stream(sized)).entriesWithoutData()).containsExactly(7);
  }

  /** But where nothing but a whole part is missing, which checksum and counts tell. */
  @Test
  void archiveThatIsCutShort_isNone() throws IOException {
    byte[] bytes = whole(15).toBytes();
    int contents = small(15).toBytes().length;
    int rows = small(15).rows(13, List.of("1", "2", "\\N")).toBytes().length;
    for (int length = 0; length < bytes.length; length++) {
      InputStream cut = stream(Arrays.copyOf(bytes, length));
      if (length == contents || length == rows) {
        deal(cut, 1);
      } else {
        assertThatThrownBy(() -> deal(cut, 1))
            .as("%d bytes", length)
            .isInstanceOf(EOFException.class)
            .hasMessageContaining("cut short");
      }
    }
  }

  @Test
  void rowWithoutAnEnd_isNoRow() {
    byte[] bytes = small(15).bytes(1).number(13).string("1\n").string("2").number(0).toBytes();

    assertThatThrownBy(() -> deal(stream(bytes), 2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("COPY public.t (id)")
        .hasMessageContaining("cut short");
  }

  @ParameterizedTest
  @ValueSource(ints = {13, 17})
  void unknownVersion_isRefused(int minor) {
    assertThatThrownBy(() -> CustomArchive.open(stream(whole(minor).toBytes())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no archive of pg_dump 12 to 18 (version 1.%d)".formatted(minor));
  }

  @ParameterizedTest
  @ValueSource(ints = {14, 15})
  void compressedInside_isRefused(int minor) {
    byte[] bytes = new ArchiveBytes(minor).head(1, 0).toBytes();

    assertThatThrownBy(() -> CustomArchive.open(stream(bytes)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("compressed inside");
  }

  @Test
  void whatIsNotKnown_isRefused() {
    byte[] data = new ArchiveBytes(16).head(1).entry(3, "NEWS", "", null, true).toBytes();
    byte[] rows = small(16).rows(12, List.of("1")).toBytes();
    byte[] type = small(16).bytes(2).number(13).toBytes();
    byte[] text = new ArchiveBytes(16).head(1).number(1).number(0).number(1 << 30).toBytes();

    assertThatThrownBy(() -> deal(stream(data), 1)).hasMessageContaining("unknown kind: NEWS");
    assertThatThrownBy(() -> deal(stream(rows), 1)).hasMessageContaining("entry 12");
    assertThatThrownBy(() -> deal(stream(type), 1)).hasMessageContaining("unknown type 2");
    assertThatThrownBy(() -> deal(stream(text), 1)).hasMessageContaining("a text of 1073741824");
  }
}
