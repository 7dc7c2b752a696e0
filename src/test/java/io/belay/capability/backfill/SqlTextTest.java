package io.belay.capability.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlTextTest {

  @Test
  void names_areReadAsSqlReadsThem() {
    assertThat(SqlText.names("Worker_Profiles", '.')).containsExactly("worker_profiles");
    assertThat(SqlText.names(" shop.\"Order \"\"x\"\"\" ", '.'))
        .containsExactly("shop", "Order \"x\"");
    assertThat(SqlText.names("\"tenantId\" , id", ',')).containsExactly("tenantId", "id");
    for (String none : new String[] {"", "a b", "a.", "1a", "a;", "\"a"}) {
      assertThatThrownBy(() -> SqlText.names(none, '.'))
          .as(none)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"cityId\" IS NULL",
        "name = ') OR (' AND note LIKE '--%'",
        "note = $a$ ); -- $a$ AND (a[1] = 2)",
        "note = E'\\') OR ('",
        "id IN (SELECT id FROM other WHERE x::text = 'a;b')"
      })
  void oneExpression_isTaken(String text) {
    assertThat(SqlText.expression(text)).isEqualTo(text);
  }

  /** Each would change rows outside the batch, or more than the statement. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a) OR (true",
        "a IS NULL -- and so on",
        "a IS NULL /* ",
        "a IS NULL; DROP TABLE b",
        "a = 'b",
        "a = $1",
        "a = (b",
        "a[(b])",
        "",
        "note = 'a\\') OR (true OR note = '"
      })
  void moreThanOneExpression_isRefused(String text) {
    assertThatThrownBy(() -> SqlText.expression(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void questionMark_staysAnOperator() {
    assertThat(SqlText.expression("tags ? 'a?b'")).isEqualTo("tags ?? 'a?b'");
  }

  @Test
  void assignments_areThoseOfAnUpdate() {
    assertThat(
            ColumnValue.parse(
                "\"cityId\" = 'buenos-aires, AR',\n\n \"lastActiveAt\" = NOW()\nn=default"))
        .extracting(ColumnValue::sql)
        .containsExactly(
            "\"cityId\" = ('buenos-aires, AR')", "\"lastActiveAt\" = (NOW())", "\"n\" = DEFAULT");
    for (String wrong : new String[] {"", "a", "a.b = 1", "a = 1\nA = 2", "a = 1), (b", "= 1"}) {
      assertThatThrownBy(() -> ColumnValue.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'set'");
    }
  }
}
