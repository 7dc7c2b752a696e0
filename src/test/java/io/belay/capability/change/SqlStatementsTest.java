package io.belay.capability.change;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlStatementsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM orders RETURNING id",
        "with gone as (delete from orders returning *) select * from gone",
        "update a set b = 1; truncate orders",
        "EXPLAIN ANALYZE DELETE FROM orders"
      })
  void rowsThatTheServerDoesNotCount_areNamed(String statements) {
    assertThat(SqlStatements.valueOf(statements).uncounted()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update orders set note = 'returning customer' where id = :id",
        "insert into calls (name) values ('do')",
        "delete from \"with\" -- truncate later"
      })
  void wordsInTexts_namesAndComments_areNoStatements(String statements) {
    assertThat(SqlStatements.valueOf(statements).uncounted()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update a set b = 1 COMMIT",
        "update a set b = 1 exec('commit')",
        "update a set b = 5 --1; commit",
        "update a set b = 1 rollback; update a set b = 2"
      })
  void statementsThatSomeProductTakesWithoutASemicolon_areNotPortable(String statements) {
    assertThat(SqlStatements.valueOf(statements).notPortable()).isPresent();
  }

  @Test
  void thoseWordsInTexts_andComments_arePortable() {
    assertThat(
            SqlStatements.valueOf("update a set b = 'commit' -- then commit\n where \"begin\" = 1")
                .notPortable())
        .isEmpty();
  }

  @Test
  void statements_areSplitWhereTheyEnd_notWhereATextOrACommentHasASemicolon() {
    assertThat(
            SqlStatements.valueOf(
                    "update a set b = 'x;y''; z'; /* ; */ delete from \"a;b\" -- ;\n where c = 1;\n ;")
                .each())
        .extracting(one -> one.text().strip())
        .containsExactly(
            "update a set b = 'x;y''; z'", "/* ; */ delete from \"a;b\" -- ;\n where c = 1");
  }
}
