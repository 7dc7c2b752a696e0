package io.belay.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvFileTest {

  private static EnvFile parse(String text) {
    return EnvFile.parse(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "KEY=value             | value",
        "KEY =  spaced out     | spaced out",
        "export KEY=value      | value",
        "KEY=value # comment   | value",
        "KEY=a#b               | a#b",
        "KEY=                  | ^^",
        "KEY= # only a comment | ^^",
        "KEY='single # $x \\n' | single # $x \\n",
        "KEY=\"say \\\"hi\\\"\" # c | say \"hi\"",
        "KEY=`it's \"both\"`   | it's \"both\"",
        "KEY=a=b=c             | a=b=c",
      })
  void value_isReadAsTheApplicationReadsIt(String line, String expected) {
    assertThat(parse(line).entries().get("KEY").value().reveal()).isEqualTo(expected);
  }

  @Test
  void doubleQuotes_mayHoldLineBreaks_writtenOrReal() {
    assertThat(parse("KEY=\"a\\nb\"").entries().get("KEY").value().reveal()).isEqualTo("a\nb");
    EnvFile file = parse("PEM=\"-----BEGIN\nabc=\n-----END\"\nNEXT=1\n");
    assertThat(file.entries().get("PEM").value().reveal()).isEqualTo("-----BEGIN\nabc=\n-----END");
    assertThat(file.entries().keySet()).containsExactly("PEM", "NEXT");
  }

  @Test
  void windowsLineEnds_andByteOrderMark_areNoPartOfKeyOrValue() {
    EnvFile file = parse("\u00EF\u00BB\u00BFA=1\r\n# c\r\nB='2'\r\n");
    assertThat(file.entries().get("A").value().reveal()).isEqualTo("1");
    assertThat(file.entries().get("B").value().reveal()).isEqualTo("2");
    assertThat(file.remarks()).isEmpty();
  }

  @Test
  void duplicatesAndStrayLines_areReported_withoutValues() {
    EnvFile file = parse("A=first-secret\nstray secret\nA=second-secret\nB=\"open secret\n");
    assertThat(file.entries().get("A").value().reveal()).isEqualTo("second-secret");
    assertThat(file.remarks())
        .containsExactly(
            "line 2 is no assignment",
            "A is there twice, on lines 1 and 3; the last counts",
            "line 4 opens a quotation that never ends")
        .noneMatch(remark -> remark.contains("secret"));
  }

  @Test
  void addedLines_followTheFilesOwnStyle_andLeaveTheRestByteForByte() {
    byte[] added = parse("# caf\u00E9\r\nA=1").withAdded(List.of("B=2"));
    assertThat(new String(added, StandardCharsets.ISO_8859_1))
        .isEqualTo("# caf\u00E9\r\nA=1\r\nB=2\r\n");
    assertThat(new String(parse("").withAdded(List.of("B=2")), StandardCharsets.ISO_8859_1))
        .isEqualTo("B=2\n");
  }
}
