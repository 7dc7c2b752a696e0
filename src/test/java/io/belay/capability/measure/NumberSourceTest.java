package io.belay.capability.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class NumberSourceTest {

  @Test
  void aQuery_isOneStatement() {
    assertThat(NumberSource.valueOf("sql db select count(*) from orders")).isNotNull();
    assertThatThrownBy(() -> NumberSource.valueOf("sql db select 1; commit; delete from orders"))
        .hasMessageContaining("a query is one statement");
  }
}
