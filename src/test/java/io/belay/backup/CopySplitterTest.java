package io.belay.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopySplitterTest {

  private static final String SETTINGS =
      "SET client_encoding = 'UTF8';\nSELECT pg_catalog.set_config('search_path', '', false);\n";

  private static final class Kept implements CopySplitter.Lane {

    private final ByteArrayOutputStream sql = new ByteArrayOutputStream();
    private final List<String> statements = new ArrayList<>();
    private int blocks;

    @Override
    public void execute(byte[] statement) throws IOException {
      sql.write(statement);
      statements.add(new String(statement, StandardCharsets.UTF_8));
    }

    @Override
    public void copy(byte[] statement) throws IOException {
      sql.write(statement);
    }

    @Override
    public void rows(byte[] block) throws IOException {
      sql.write(block);
      blocks++;
    }

    @Override
    public void endCopy() throws IOException {
      sql.write("\\.\n".getBytes(StandardCharsets.US_ASCII));
    }

    /** As if none was read yet. */
    @Override
    public int waiting() {
      return blocks;
    }

    String text() {
      return sql.toString(StandardCharsets.UTF_8);
    }
  }

  private static List<Kept> split(String sql, int lanes) throws IOException {
    List<Kept> kept = new ArrayList<>();
    for (int i = 0; i < lanes; i++) {
      kept.add(new Kept());
    }
    CopySplitter.split(bytes(sql), kept);
    return kept;
  }

  private static InputStream bytes(String sql) {
    return new ByteArrayInputStream(sql.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void everyRow_reachesOneLane_insideItsStatement(int lanes) throws IOException {
    Random random = new Random(lanes);
    StringBuilder sql = new StringBuilder("\\restrict key\n\n" + SETTINGS + "\n");
    List<String> expected = new ArrayList<>();
    for (int table = 0; table < 30; table++) {
      sql.append("-- Data for Name: t\n\nCOPY public.\"t ").append(table);
      sql.append("\" (id, \"FROM stdin;\") FROM stdin;\n");
      for (int row = random.nextInt(3) * random.nextInt(3000); row > 0; row--) {
        String text = table + "\t" + row + "\t" + "\\\\.ü".repeat(random.nextInt(200)) + "\\n";
        sql.append(text).append('\n');
        expected.add(text);
      }
      if (table == 17) { // longer than what is read at once
        String large = table + "\tlarge\t" + "x".repeat(1_000_000);
        sql.append(large).append('\n');
        expected.add(large);
      }
      sql.append("\\.\n\n\n");
    }
    sql.append("SELECT pg_catalog.setval('public.s', 7, true);\n\\unrestrict key\n");

    List<Kept> kept = split(sql.toString(), lanes);

    List<String> rows = new ArrayList<>();
    SortedMap<String, Long> counted = new TreeMap<>();
    for (Kept lane : kept) {
      assertThat(lane.text()).contains(SETTINGS);
      CopyCounter.rows(bytes(lane.text())).forEach((t, n) -> counted.merge(t, n, Long::sum));
      rows.addAll(
          lane.text().lines().filter(line -> line.contains("\t") && line.length() > 3).toList());
    }
    Collections.sort(rows);
    Collections.sort(expected);
    assertThat(rows.equals(expected)).isTrue(); // megabytes: no description of them
    CopyCounter.rows(bytes(sql.toString()))
        .forEach((t, n) -> assertThat(counted.getOrDefault(t, 0L)).as(t).isEqualTo(n));
    assertThat(kept)
        .filteredOn(lane -> lane.text().contains("setval"))
        .containsExactly(kept.get(0));
    assertThat(kept).allMatch(lane -> lane.text().contains("COPY"));
  }

  @Test
  void rowsThatAreCutShort_areNoScript() {
    assertThatThrownBy(() -> split("COPY public.t (id) FROM stdin;\n1\n2\n", 2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("COPY public.t (id)")
        .hasMessageContaining("cut short");
  }

  @Test
  void statementsWithoutRows_goToTheFirst_oneByOne() throws IOException {
    String blob = "SELECT pg_catalog.lowrite(0, '\\x" + "00".repeat(400_000) + "');\n";

    List<Kept> kept =
        split(
            "\\restrict key\n\n" + SETTINGS + "-- it's a remark;\nBEGIN;\n" + blob + "COMMIT;\n",
            2);

    assertThat(kept.get(0).text()).isEqualTo(SETTINGS + "BEGIN;\n" + blob + "COMMIT;\n");
    assertThat(kept.get(0).statements).hasSize(5).contains(blob);
    assertThat(kept.get(1).text()).isEqualTo(SETTINGS);
  }

  @Test
  void lineEndsInNamesAndTexts_endNoStatement() throws IOException {
    String odd = "SELECT pg_catalog.setval('public.\"it''s;\n-- \"\"odd;\n\"', 7, true);\n";
    String copy = "COPY public.\"it's;\n\\restrict \"\"odd\" (id) FROM stdin;\n";

    Kept kept = split(odd + copy + "1\n\\.\n\n" + odd, 1).get(0);

    assertThat(kept.statements).containsExactly(odd, odd);
    assertThat(kept.text()).isEqualTo(odd + copy + "1\n\\.\n" + odd);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SELECT pg_catalog.setval('public.s'", "SELECT 'a;\n", "BEGIN;\nCOMM"})
  void statementThatIsCutShort_isNoScript(String sql) {
    assertThatThrownBy(() -> split(sql, 2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the script is cut short");
  }
}
