package io.belay.capability.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefinitionTest {

  @Test
  void sameExpression_printedTwoWays_isTheSame() {
    assertThat(
            Definition.same(
                "CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
                "CHECK (((s)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])))"))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "CHECK (a = 'x')            | CHECK (a = 'y')",
        "CHECK (a = 'x::text')      | CHECK (a = 'x')",
        "CHECK (a = '(x)')          | CHECK (a = 'x')",
        "CHECK (a AND (b OR c))     | CHECK ((a AND b) OR c)",
        "USING btree (lower(email)) | USING btree (email)",
        "ANY (ARRAY['a', 'b'])      | ANY (ARRAY['a'])",
        "DEFAULT f(x)               | DEFAULT fx",
      })
  void anotherExpression_isNotTheSame(String one, String other) {
    assertThat(Definition.same(one, other)).isFalse();
  }
}
