package io.belay.capability.configuration;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvFileTest {

  private static EnvFile parse(String text) {
    return parse(text, EnvDialect.DOTENV);
  }

  private static EnvFile parse(String text, EnvDialect dialect) {
    return EnvFile.parse(text.getBytes(UTF_8), dialect);
  }

  private static String value(EnvFile file, String key) {
    return file.entries().get(key).value().isPresent()
        ? file.entries().get(key).value().reveal()
        : "";
  }

  private static Map<String, String> values(EnvFile file) {
    Map<String, String> values = new LinkedHashMap<>();
    file.entries().keySet().forEach(key -> values.put(key, value(file, key)));
    return values;
  }

  /** The vectors were recorded with dotenv 16.4.5 and 18.0.10 by dotenv-vectors.js beside them. */
  @Test
  void dotenvFiles_areReadAsTheNpmPackageReadsThem() throws Exception {
    try (InputStream vectors =
        getClass().getResourceAsStream("/configuration/dotenv-vectors.json")) {
      JsonNode all = JsonMapper.builder().build().readTree(vectors);
      assertThat(all.size()).isGreaterThan(600);
      for (JsonNode vector : all) {
        Map<String, String> wanted = new LinkedHashMap<>();
        vector.get(1).properties().forEach(e -> wanted.put(e.getKey(), e.getValue().asText()));
        assertThat(values(parse(vector.get(0).asText())))
            .as(vector.get(0).toString())
            .isEqualTo(wanted);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        // dialect | line | value; ? where the line is not understood
        "COMPOSE | KEY=value # c        | value",
        "COMPOSE | KEY=a#b              | a#b",
        "COMPOSE | export KEY: value    | value",
        "COMPOSE | KEY='it is # $x'     | it is # $x",
        "COMPOSE | KEY=\"a\\tb\"        | a\tb",
        "COMPOSE | KEY='open            | ?",
        "COMPOSE | KEY='x' y            | ?",
        "COMPOSE | KEY                  | ?",
        "SYSTEMD | KEY=value # c        | value # c",
        "SYSTEMD | KEY=a'b c'd          | ab cd",
        "SYSTEMD | KEY=two\\ words      | two words",
        "SYSTEMD | export KEY=value     | ?",
        "SYSTEMD | KEY: value           | ?",
        "SYSTEMD | 2FA=value            | ?",
        "SYSTEMD | KEY=\"open           | ?",
        "SHELL   | export KEY=value # c | value",
        "SHELL   | KEY=a\"b $c\"'d'     | ab $cd",
        "SHELL   | KEY = value          | ?",
        "SHELL   | KEY=two words        | ?",
        "SHELL   | KEY=$(cat /secret)   | ?",
        "SHELL   | KEY=a;reboot         | ?",
        "SHELL   | KEY='tis             | ?",
      })
  void otherDialects_areReadByTheirOwnRules(EnvDialect dialect, String line, String expected) {
    EnvFile file = parse(line + "\nNEXT=1\n", dialect);
    if (expected.equals("?")) {
      assertThat(file.problems()).hasSize(1).allMatch(problem -> problem.startsWith("line 1 "));
      assertThat(file.entries()).containsOnlyKeys("NEXT");
    } else {
      assertThat(file.problems()).isEmpty();
      assertThat(values(file)).containsEntry("KEY", expected).containsEntry("NEXT", "1");
    }
  }

  @Test
  void systemd_joinsLines_andKnowsSemicolons() {
    EnvFile file = parse("; comment\nA=one\\\ntwo\nB=\"x\ny\"\n", EnvDialect.SYSTEMD);
    assertThat(values(file)).containsEntry("A", "onetwo").containsEntry("B", "x\ny");
    assertThat(file.problems()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"COMPOSE", "SHELL"})
  void aCarriageReturnThatWouldBelongToTheValue_isNotUnderstood(EnvDialect dialect) {
    assertThat(parse("A=1\rB=2\r", dialect).problems()).isNotEmpty();
  }

  @Test
  void keysAndValuesInAnyLetters_areFound_andOneByteThatIsNoUtf8IsTold() {
    EnvFile file = parse("SENDER=Åse Berg\nCITY=Якутск хлеб\n2FA_SECRET=abc\n");
    assertThat(values(file))
        .containsEntry("SENDER", "Åse Berg")
        .containsEntry("CITY", "Якутск хлеб")
        .containsEntry("2FA_SECRET", "abc");
    assertThat(EnvFile.parse("A=1\nB=é\n".getBytes(ISO_8859_1), EnvDialect.DOTENV).problems())
        .containsExactly("line 2 has bytes that are no UTF-8");
  }

  @Test
  void utf16_isNotUnderstood_withAByteOrderMarkOrWithout() {
    for (String text : List.of("\uFEFFA=1\n", "A=1\n")) {
      EnvFile file = EnvFile.parse(text.getBytes(UTF_16LE), EnvDialect.DOTENV);
      assertThat(file.problems()).containsExactly("the file is UTF-16; save it as UTF-8");
      assertThat(file.entries()).isEmpty();
    }
  }

  @Test
  void duplicatesAndStrayLines_areReported_withoutValues() {
    EnvFile file = parse("A=first-secret\nstray secret\nA=second-secret\nB=\"open secret\n");
    assertThat(value(file, "A")).isEqualTo("second-secret");
    assertThat(file.problems()).containsExactly("line 2 is no assignment");
    assertThat(file.remarks())
        .containsExactly(
            "A is there twice, on lines 1 and 3; the last counts",
            "line 4 opens a quotation that never ends; the quote is a part of the value")
        .noneMatch(remark -> remark.contains("secret"));
  }

  @Test
  void references_areFound_whereTheyAreNoText() {
    EnvFile file = parse("A=x${DB_HOST}/y\nB='${DB_HOST}'\nC=$DB_HOST:1\nD=${DB_HOSTS}\n");
    assertThat(file.entries().values())
        .filteredOn(entry -> entry.refersTo("DB_HOST"))
        .extracting(EnvFile.Entry::key)
        .containsExactly("A", "C");
    assertThat(file.entries().get("A").rawWith(Map.of("DB_HOST", "PG_HOST")))
        .isEqualTo("x${PG_HOST}/y");
  }

  @Test
  void dollarSignsThatAreText_areNoReferences() {
    EnvFile file = parse("A=\\$OLD\nB=$$OLD\nC=\\\\$OLD\nD=$$$OLD\n");
    assertThat(file.entries().values())
        .filteredOn(entry -> entry.refersTo("OLD"))
        .extracting(EnvFile.Entry::key)
        .containsExactly("C", "D");
    assertThat(file.entries().values().stream().map(entry -> entry.rawWith(Map.of("OLD", "NEW"))))
        .containsExactly("\\$OLD", "$$OLD", "\\\\$NEW", "$$$NEW");
  }

  @Test
  void addedLines_followTheFilesOwnStyle_andLeaveTheRestByteForByte() {
    assertThat(added("# caf\u00E9\r\nA=1".getBytes(ISO_8859_1)))
        .isEqualTo("# caf\u00E9\r\nA=1\r\nB=2\r\n");
    assertThat(added(new byte[0])).isEqualTo("B=2\n");
    assertThat(added("A=1\rC=2".getBytes(UTF_8))).isEqualTo("A=1\rC=2\rB=2\r");
  }

  private static String added(byte[] content) {
    return new String(
        EnvFile.parse(content, EnvDialect.DOTENV).withAdded(List.of("B=2")), ISO_8859_1);
  }
}
