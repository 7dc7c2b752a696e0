package io.belay.capability.document.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The library's semantics, as its source and its own tests have them. */
class QueryTest {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.ALLOW_SINGLE_QUOTES)
          .enable(JsonParser.Feature.ALLOW_UNQUOTED_FIELD_NAMES)
          .build();
  private static final Deadline LONG = Deadline.in(Duration.ofMinutes(1));

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (java.io.IOException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  private static boolean matches(String document, String query) {
    return Query.of("query", json(query)).matches(json(document), LONG);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {a:5}                       | {a:5}                             | true
          {a:5}                       | {a:'5'}                           | false
          {a:5.0}                     | {a:5}                             | true
          {a:null}                    | {a:null}                          | true
          {}                          | {a:null}                          | false
          {a:{b:1,c:2}}               | {a:{c:2,b:1}}                     | true
          {a:{b:1,c:2}}               | {a:{b:1}}                         | false
          {a:{b:1}}                   | {'a.b':1}                         | true
          {a:[{b:1},{b:2}]}           | {'a.b':2}                         | true
          {a:[{b:1},{b:2}]}           | {'a.1.b':2}                       | true
          {a:[{b:1},{b:2}]}           | {'a.0.b':2}                       | false
          {a:[0,7]}                   | {'a.1':7}                         | true
          {a:[0,7]}                   | {'a.0':0}                         | false
          {a:[1,2]}                   | {a:2}                             | true
          {a:[1,2]}                   | {a:[1,2]}                         | true
          {a:[1,2]}                   | {a:[2,1]}                         | false
          {a:[[1,2]]}                 | {a:[1,2]}                         | false
          {a:{$$date:5}}              | {a:{$$date:5}}                    | true
          {a:{$$date:5}}              | {a:5}                             | false
          {a:{$$date:5}}              | {a:{$gt:{$$date:4}}}              | true
          {a:{$$date:5}}              | {a:{$gt:4}}                       | false
          {a:{$$date:5}}              | {a:{$gte:{$$date:5},$lt:{$$date:6}}} | true
          {a:null}                    | {a:{$lt:{$$date:6}}}              | true
          {a:5}                       | {a:{$gt:4,$lte:5}}                | true
          {a:'b'}                     | {a:{$gt:'a',$lt:'c'}}             | true
          {a:true}                    | {a:{$gte:true}}                   | false
          {a:'5'}                     | {a:{$gt:4}}                       | false
          {}                          | {a:{$ne:5}}                       | true
          {a:[1,2]}                   | {a:{$ne:1}}                       | true
          {a:[1]}                     | {a:{$ne:1}}                       | false
          {a:[]}                      | {a:{$exists:true}}                | false
          {a:null}                    | {a:{$exists:true}}                | true
          {}                          | {a:{$exists:false}}               | true
          {}                          | {a:{$exists:0}}                   | true
          {a:1}                       | {a:{$exists:''}}                  | true
          {a:1}                       | {a:{$in:[2,1]}}                   | true
          {a:1}                       | {a:{$in:['1']}}                   | false
          {}                          | {a:{$nin:[1]}}                    | true
          {a:[1,2]}                   | {a:{$in:[2]}}                     | true
          {a:[1,2]}                   | {a:{$nin:[2]}}                    | true
          {a:[1,2]}                   | {a:{$size:2}}                     | true
          {a:2}                       | {a:{$size:2}}                     | false
          {a:[{b:1,c:2},{b:2,c:1}]}   | {a:{$elemMatch:{b:1,c:2}}}        | true
          {a:[{b:1,c:2},{b:2,c:1}]}   | {a:{$elemMatch:{b:1,c:1}}}        | false
          {a:[1,9]}                   | {a:{$elemMatch:{$gt:5}}}          | true
          {a:1,b:2}                   | {$and:[{a:1},{b:2}]}              | true
          {a:1,b:2}                   | {$or:[{a:2},{b:2}]}               | true
          {a:1}                       | {$or:[]}                          | false
          {a:1}                       | {$and:[]}                         | true
          {a:1}                       | {$not:{a:1}}                      | false
          {a:1}                       | {$not:{a:2},a:1}                  | true
          {a:'hello'}                 | {a:{$regex:'^HE',$options:'i'}}   | true
          {a:'hello'}                 | {a:{$regex:'l{2}o$'}}             | true
          {a:5}                       | {a:{$regex:'5'}}                  | false
          {a:['x','hello']}           | {a:{$regex:'ell'}}                | true
          {a:'hello'}                 | {'a.length':5}                    | true
          """)
  void condition_matchesAsInTheLibrary(String document, String query, boolean expected) {
    assertThat(matches(document, query)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          []                             | query                | must be an object
          {a:{$in:5}}                    | query.a.$in          | must be a list
          {a:{$gt:1,b:2}}                | query.a              | must not mix
          {a:{$where:1}}                 | query.a.$where       | is no operator on values
          {$where:'x'}                   | query.$where         | is no operator on documents
          {a:{$not:{b:1}}}               | query.a.$not         | is no operator on values
          {$or:{a:1}}                    | query.$or            | must be a list
          {$or:[{a:1},5]}                | query.$or[1]         | must be an object
          {$and:[{a:{$size:'x'}}]}       | query.$and[0].a.$size | whole number
          {a:{$regex:5}}                 | query.a.$regex       | must be a text
          {a:{$regex:'('}}               | query.a.$regex       | is no regular expression
          {a:{$regex:'(?=x)'}}           | query.a.$regex       | looks ahead or behind
          {a:{$regex:'(x)\\\\1'}}        | query.a.$regex       | back references
          {a:{$regex:'x',$options:'q'}}  | query.a.$regex       | $options
          {a:{$options:'i'}}             | query.a.$options     | belongs to $regex
          {a:{$regex:'((x{50}){50}){50}'}} | query.a.$regex     | repeats something
          """)
  void queryThatCannotBeAnswered_isRefused_byPlaceAndRule(String query, String field, String rule) {
    assertThatThrownBy(() -> Query.of("query", json(query)))
        .isInstanceOfSatisfying(
            InvalidQuery.class,
            refused -> {
              assertThat(refused.field()).isEqualTo(field);
              assertThat(refused.rule()).contains(rule);
            });
  }

  @Test
  void regularExpression_meansWhatJavaScriptMeans() {
    String[][] found = {
      {"a\\sc", "a\u00a0c"},
      {"[\\s]", "\ufeff"},
      {"\\u00e9", "caf\u00e9"},
      {"a{x", "a{x"},
      {"[[]", "["},
      {"(?<n>b)c", "bc"},
      {"\\bb\\b", "a b c"},
      {"a\\/b", "a/b"},
      {"^a|b$", "xb"},
      {"[^a-c\\d]", "5z"},
    };
    for (String[] one : found) {
      assertThat(new Regex("x", one[0], "").finds(one[1], LONG)).as(one[0]).isTrue();
    }
    String[][] not = {{"a.c", "a\u2028c"}, {"^b$", "a\nb"}, {"\\.", "a"}, {"A", "a"}};
    for (String[] one : not) {
      assertThat(new Regex("x", one[0], "").finds(one[1], LONG)).as(one[0]).isFalse();
    }
    assertThat(new Regex("x", "^b$", "m").finds("a\nb", LONG)).isTrue();
    assertThat(new Regex("x", "a.c", "s").finds("a\nc", LONG)).isTrue();
  }

  @Test
  @Timeout(30)
  void catastrophicExpression_isLinear() {
    String text = "a".repeat(100_000) + "!";
    assertThat(new Regex("x", "^(a+)+$", "").finds(text, LONG)).isFalse();
    assertThat(new Regex("x", "^(a|a)*$", "").finds(text, LONG)).isFalse();
  }

  @Test
  @Timeout(30)
  void longText_endsAtTheDeadline() {
    String text = "ab".repeat(8_000_000);
    Regex slow = new Regex("x", "(x*y*z*a*b*){100}c", "");
    Deadline soon = Deadline.in(Duration.ofMillis(50));
    assertThatThrownBy(() -> slow.finds(text, soon))
        .isInstanceOf(Deadline.QueryTooSlow.class)
        .hasMessageContaining("50 ms");
  }

  @Test
  void values_areOrderedByTypeThenByContent() {
    List<String> ascending =
        List.of(
            "null",
            "-1",
            "0",
            "2",
            "10",
            "''",
            "'10'",
            "'2'",
            "'a'",
            "false",
            "true",
            "{$$date:1}",
            "{$$date:2}",
            "[]",
            "[1]",
            "[1,1]",
            "[2]",
            "{}",
            "{b:1}",
            "{a:1,b:0}",
            "{a:2}");
    for (int i = 0; i < ascending.size(); i++) {
      for (int j = 0; j < ascending.size(); j++) {
        assertThat(Values.compare(json(ascending.get(i)), json(ascending.get(j))))
            .as("%s and %s", ascending.get(i), ascending.get(j))
            .isEqualTo(Integer.compare(i, j));
      }
    }
    assertThat(Values.compare(Values.UNDEFINED, json("null"))).isNegative();
  }

  @Test
  void page_isSortedSkippedAndCut_byIdWhereNothingElseDecides() {
    Find find = Find.of(json("{sort:{a:-1},skip:1,limit:3}"));
    Page page = new Page(find);
    String[] documents = {
      "{_id:'d',a:1}",
      "{_id:'c',a:2}",
      "{_id:'a',a:2}",
      "{_id:'b',a:2}",
      "{_id:'e'}",
      "{_id:'f',a:0}"
    };
    for (int i = 0; i < documents.length; i++) {
      page.add(json(documents[i]), i);
    }
    assertThat(page.places()).containsExactly(3L, 1L, 0L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {a:1}          | {a:1,_id:'x'}
          {a:1,_id:0}    | {a:1}
          {a:0}          | {_id:'x',b:{c:2,d:3},l:[{m:1},{m:2}]}
          {'b.c':1}      | {b:{c:2},_id:'x'}
          {'b.c':0,l:0}  | {_id:'x',a:1,b:{d:3}}
          {'l.m':1}      | {l:{m:[1,2]},_id:'x'}
          {_id:0}        | {a:1,b:{c:2,d:3},l:[{m:1},{m:2}]}
          {_id:1}        | {_id:'x',a:1,b:{c:2,d:3},l:[{m:1},{m:2}]}
          {nothing:1}    | {_id:'x'}
          """)
  void projection_keepsOrOmits(String projection, String expected) {
    ObjectNode document = (ObjectNode) json("{_id:'x',a:1,b:{c:2,d:3},l:[{m:1},{m:2}]}");
    assertThat(Projection.of("projection", json(projection)).apply(document))
        .isEqualTo(json(expected));
    assertThat(document).isEqualTo(json("{_id:'x',a:1,b:{c:2,d:3},l:[{m:1},{m:2}]}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{limit:0}",
        "{limit:10001}",
        "{skip:-1}",
        "{skip:99999,limit:10}",
        "{limit:'1'}",
        "{sort:{a:2}}",
        "{sort:['a']}",
        "{projection:{a:1,b:0}}",
        "{projection:{a:2}}",
        "{filter:{}}"
      })
  void requestOutOfBounds_isRefused(String request) {
    assertThatThrownBy(() -> Find.of(json(request))).isInstanceOf(InvalidQuery.class);
  }

  @Test
  void ids_areThoseThatTheLibraryKeysBy() {
    assertThat(Query.of("q", json("{_id:'a',b:1}")).ids()).contains(List.of("a"));
    assertThat(Query.of("q", json("{_id:7}")).ids()).contains(List.of("7"));
    assertThat(Query.of("q", json("{_id:{$in:['a',7,'a']}}")).ids()).contains(List.of("a", "7"));
    assertThat(Query.of("q", json("{_id:{$gt:'a'}}")).ids()).isEmpty();
    assertThat(Query.of("q", json("{$or:[{_id:'a'}]}")).ids()).isEmpty();
  }
}
