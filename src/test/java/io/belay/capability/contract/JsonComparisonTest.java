package io.belay.capability.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of two JSON documents is the same, what is an addition, and what breaks a client. */
class JsonComparisonTest {

  private static final String LONG = "9".repeat(900);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | 1.0",
        "1 | 1e0",
        "100 | 1E+2",
        "0 | -0.0",
        "0.10 | 0.1",
        "1e400 | 10e399",
        "9007199254740993 | 9007199254740993.0",
        "1e-999999 | 10e-1000000"
      })
  void numbers_areComparedByValue(String one, String other) {
    assertThat(Rules.ALL.differences("[" + one + "]", "[" + other + "]")).isEmpty();
    assertThat(Rules.ALL.unordered("/**").differences("[" + one + ",2]", "[2," + other + "]"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "9007199254740993 | 9007199254740992", // the same as doubles
        "0.1 | 0.1000000000000000055511151231257827",
        "1e999999999 | 1e999999998",
        "1 | -1"
      })
  void numbersThatOnlyDoublesTakeForEqual_differ(String one, String other) {
    assertThat(Rules.ALL.differences("[" + one + "]", "[" + other + "]"))
        .containsExactly("/0 has another value");
  }

  @Test
  void longNumbers_keepAllDigits() {
    assertThat(Rules.ALL.differences("[" + LONG + "]", "[" + LONG + ".0]")).isEmpty();
    assertThat(Rules.ALL.differences("[" + LONG + "]", "[" + LONG.replaceFirst("9$", "8") + "]"))
        .hasSize(1);
  }

  @Test
  void escapes_meanTheirCharacters_andOtherFormsOfACharacterDiffer() {
    assertThat(
            Rules.ALL.differences("{\"caf\\u00e9\":\"\\/\\ud83d\\ude00\"}", "{\"café\":\"/😀\"}"))
        .isEmpty();
    assertThat(Rules.ALL.differences("{\"a\":\"\\u00e9\"}", "{\"a\":\"e\\u0301\"}"))
        .containsExactly("/a has another value");
  }

  @Test
  void orderOfKeys_meansNothing() {
    assertThat(
            Rules.ALL.differences(
                "{\"a\":1,\"b\":{\"c\":2,\"d\":3}}", "{\"b\":{\"d\":3,\"c\":2},\"a\":1}"))
        .isEmpty();
  }

  @Test
  void nullField_isThere_andAnAbsentOneIsNot() {
    assertThat(Rules.ALL.differences("{\"a\":null}", "{}")).containsExactly("/a is missing");
    assertThat(Rules.ALL.differences("{}", "{\"a\":null}")).containsExactly("(added) /a is new");
    assertThat(Rules.ALL.differences("{\"a\":null}", "{\"a\":null}")).isEmpty();
    assertThat(Rules.ALL.differences("{\"a\":\"x\"}", "{\"a\":null}"))
        .containsExactly("/a is null instead of a string");
    assertThat(Rules.ALL.differences("{\"a\":null}", "{\"a\":{}}"))
        .containsExactly("/a is an object instead of null");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "1 | \"1\" | a string instead of a number",
        "true | \"true\" | a string instead of a boolean",
        "[] | {} | an object instead of an array",
        "false | 0 | a number instead of a boolean",
        "\"\" | null | null instead of a string"
      })
  void anotherType_breaks(String was, String is, String sentence) {
    assertThat(Rules.ALL.differences("{\"a\":" + was + "}", "{\"a\":" + is + "}"))
        .containsExactly("/a is " + sentence);
  }

  @Test
  void keyThatIsThereTwice_breaks_unlessItWasBefore() {
    String once = "{\"items\":[{\"a\":1}]}";
    String twice = "{\"items\":[{\"a\":2,\"a\":1}]}";
    assertThat(Rules.ALL.differences(once, twice)).containsExactly("/items/0/a is there twice");
    assertThat(Rules.ALL.differences(twice, twice)).isEmpty();
    assertThat(Rules.ALL.differences(twice, once)).isEmpty();
  }

  @Test
  void paths_areJsonPointers_withStrangeKeysEscaped() {
    assertThat(
            Rules.ALL.differences("{\"a/b\":{\"~\":[{\"\":1}]}}", "{\"a/b\":{\"~\":[{\"\":2}]}}"))
        .containsExactly("/a~1b/~0/0/ has another value");
  }

  @Test
  void arrays_areComparedInTheirOrder_unlessItDoesNotMatter() {
    String one = "{\"items\":[{\"id\":1},{\"id\":2}]}";
    String other = "{\"items\":[{\"id\":2.0},{\"id\":1}]}";
    assertThat(Rules.ALL.differences(one, other))
        .containsExactly("/items/0/id has another value", "/items/1/id has another value");
    assertThat(Rules.ALL.unordered("/items").differences(one, other)).isEmpty();
    assertThat(Rules.ALL.unordered("/other").differences(one, other)).hasSize(2);
  }

  @Test
  void elementsThatAreMoreOrFewer_break_alsoWithoutOrder() {
    for (Rules rules : List.of(Rules.ALL, Rules.ALL.unordered("/**"))) {
      assertThat(rules.differences("[1,2]", "[1,2,3]"))
          .containsExactly("the body has 3 elements instead of 2 elements");
      assertThat(rules.differences("[1,2]", "[2]").toString())
          .contains("the body has 1 element instead of 2 elements");
      assertThat(rules.differences("[1,1,2]", "[1,2,2]")).hasSize(1);
    }
  }

  @Test
  void unorderedElements_findTheirCounterparts_whateverWasAdded() {
    assertThat(
            Rules.ALL
                .unordered("/**")
                .differences(
                    "[{\"id\":1,\"t\":[1,2]},{\"id\":2,\"t\":[3]}]",
                    "[{\"a\":0,\"id\":2,\"t\":[3]},{\"a\":1,\"t\":[2,1],\"id\":1}]"))
        .containsExactlyInAnyOrder("(added) /0/a is new", "(added) /1/a is new");
  }

  /** The first fits the first of the new ones, too, but the second fits no other. */
  @Test
  void unorderedElements_areSharedOut_soThatAllFindOne() {
    assertThat(
            Rules.ALL
                .unordered("/**")
                .differences(
                    "[{\"a\":1},{\"a\":1,\"b\":1},{\"c\":1}]",
                    "[{\"a\":1,\"b\":1,\"c\":1},{\"a\":1,\"c\":2},{\"c\":1}]"))
        .containsExactly("(added) /0/c is new", "(added) /1/c is new");
  }

  @Test
  void thousandsOfUnorderedElements_areComparedInSeconds() {
    List<String> elements =
        IntStream.range(0, 5000).mapToObj(i -> "{\"id\":%d,\"n\":[%d,7]}".formatted(i, i)).toList();
    List<String> now =
        IntStream.range(0, 5000)
            .mapToObj(i -> "{\"aa\":%d,\"n\":[7,%d],\"id\":%d}".formatted(-i, 4999 - i, 4999 - i))
            .toList();
    assertThat(Rules.ALL.unordered("/**").differences(elements.toString(), now.toString()))
        .hasSize(100)
        .allMatch(one -> one.startsWith("(added)"));
  }

  @Test
  void oneOfManyUnorderedElements_thatLacksAField_isTold() {
    String old =
        IntStream.range(0, 300).mapToObj(i -> "{\"id\":" + i + ",\"x\":1}").toList().toString();
    String now =
        IntStream.range(0, 300)
            .mapToObj(i -> 299 - i)
            .map(i -> i == 7 ? "{\"id\":7}" : "{\"id\":" + i + ",\"x\":1}")
            .toList()
            .toString();
    assertThat(Rules.ALL.unordered("/**").differences(old, now)).containsExactly("/7/x is missing");
  }

  /** Trials within trials, or a look at the whole rest in each level, would never end. */
  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void arraysWithinArraysWithoutOrder_takeNoLongTime() {
    String old = IntStream.range(0, 20_000).boxed().toList().toString();
    String now = old.replace("[0, ", "[-1, ");
    for (int level = 0; level < 300; level++) {
      old = "[" + old + ",{\"p\":1}]";
      now = "[{\"p\":2}," + now + "]";
    }
    assertThat(Rules.ALL.unordered("/**").differences(old, now)).isNotEmpty();
  }

  @Test
  void varyingValues_areNotCompared_butThatTheyAreThere_andTheirType() {
    Rules rules = Rules.ALL.varying("/id", "/items/*/at", "/meta");
    assertThat(
            rules.differences(
                "{\"id\":1,\"items\":[{\"at\":\"x\"}],\"meta\":{\"n\":1,\"l\":[1,2]}}",
                "{\"id\":2,\"items\":[{\"at\":\"y\"}],\"meta\":{\"n\":2,\"l\":[3]}}"))
        .isEmpty();
    assertThat(rules.differences("{\"id\":1,\"meta\":{\"n\":1}}", "{\"id\":\"1\",\"meta\":{}}"))
        .containsExactly("/id is a string instead of a number", "/meta/n is missing");
    assertThat(rules.differences("{\"id\":1}", "{}")).containsExactly("/id is missing");
  }

  @Test
  void ignoredPaths_areNotComparedAtAll() {
    assertThat(
            Rules.ALL
                .ignored("/**/debug", "/old")
                .differences(
                    "{\"old\":1,\"a\":[{\"debug\":1}],\"debug\":null}", "{\"a\":[{\"debug\":{}}]}"))
        .isEmpty();
    assertThat(Rules.ALL.ignored("/**").differences("{\"a\":1}", "\"text\"")).isEmpty();
    assertThat(Rules.ALL.ignored("/a/*").differences("{\"a\":1}", "{\"a\":2}")).hasSize(1);
  }

  @Test
  void ignoredAndVaryingPaths_countWithoutOrderToo() {
    assertThat(
            Rules.ALL
                .unordered("/items")
                .varying("/items/*/at")
                .ignored("/items/*/debug")
                .differences(
                    "{\"items\":[{\"id\":1,\"at\":1,\"debug\":1},{\"id\":2,\"at\":2}]}",
                    "{\"items\":[{\"id\":2,\"at\":3,\"debug\":2},{\"id\":1,\"at\":4}]}"))
        .isEmpty();
  }

  @Test
  void structure_isFieldsAndTypes_ofAnyElement() {
    Rules rules = Rules.ALL.structure();
    assertThat(
            rules.differences(
                "{\"n\":1,\"items\":[{\"id\":1},{\"id\":2,\"kind\":\"x\"}]}",
                "{\"n\":2,\"items\":[{\"id\":9,\"kind\":\"y\"},{\"id\":8},{\"id\":7}]}"))
        .containsExactly("(added) /items/0/kind is new");
    assertThat(rules.differences("[{\"id\":1}]", "[{\"id\":1},{\"id\":\"2\"}]"))
        .containsExactly("/1/id is a string instead of a number");
    assertThat(rules.differences("[{\"id\":1}]", "[]"))
        .as("nothing shows how its elements would be built")
        .containsExactly("the body has 0 elements instead of 1 element");
    assertThat(rules.differences("[]", "[{\"id\":1}]")).isEmpty();
    assertThat(rules.differences("{\"a\":null}", "{\"a\":1}")).isEmpty();
    assertThat(rules.differences("{\"a\":1}", "{\"a\":null}"))
        .containsExactly("/a is null instead of a number");
  }

  @Test
  void additions_howeverMany_displaceNoBreakingDifference() {
    String added =
        IntStream.range(0, 5000)
            .mapToObj(i -> "\"n" + i + "\":1")
            .collect(Collectors.joining(",", "{\"a\":{", "}}"));
    List<String> found = Rules.ALL.differences("{\"a\":{},\"z\":1}", added);
    assertThat(found).hasSize(101).endsWith("/z is missing");
  }

  @Test
  void deepDocuments_areNoJson_andEndNothing() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    assertThat(Rules.ALL.differences("[]", deep))
        .containsExactly("the body is no JSON instead of JSON");
    assertThat(Rules.ALL.differences(deep, deep)).isEmpty();
    String nested = "[".repeat(900) + "1" + "]".repeat(900);
    assertThat(Rules.ALL.unordered("/**").differences(nested, nested.replace('1', '2'))).hasSize(1);
  }

  @Test
  void values_areShownShortened_andSecretsNever() {
    List<Difference> found =
        Rules.ALL.found(
            Rules.json(
                200,
                "{\"text\":\"%s\",\"accessToken\":\"old-one\",\"o\":{}}"
                    .formatted("x".repeat(999))),
            Rules.json(
                200, "{\"text\":\"\",\"accessToken\":\"new-one\",\"o\":{\"password\":\"p\"}}"));
    assertThat(found.get(0).baseline()).hasSize(200).endsWith("…");
    assertThat(found.get(1))
        .isEqualTo(new Difference(Difference.Kind.VALUE, "/accessToken", "******", "******"));
    assertThat(found.get(2))
        .isEqualTo(new Difference(Difference.Kind.EXTRA, "/o/password", "", "******"));
  }
}
