package io.belay.capability.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CopyCounterTest {

  private static Map<String, Long> rows(String sql) throws IOException {
    return CopyCounter.rows(new ByteArrayInputStream(sql.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void countsOneRowPerLine_perTable() throws IOException {
    assertThat(
            rows(
                """
                SET x = 1;
                COPY public.a (id, t) FROM stdin;
                1\tone
                2\t\\\\.
                \\.

                COPY "Odd ""S"".x"."two words" (" a FROM b") FROM stdin;
                \\.
                COPY public.none  FROM stdin;


                \\.
                """))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("public.a", 2L, "\"Odd \"\"S\"\".x\".\"two words\"", 0L, "public.none", 2L));
  }

  @Test
  void linesLongerThanAnyBuffer_areOneRow() throws IOException {
    String line = "x".repeat(1_000_000) + "\n";

    assertThat(rows("COPY t (a) FROM stdin;\n" + line + line + "\\.\n")).containsEntry("t", 2L);
  }

  @Test
  void dataThatBreakOff_areAnError() {
    assertThatThrownBy(() -> rows("COPY t (a) FROM stdin;\n1\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("table t");
  }
}
