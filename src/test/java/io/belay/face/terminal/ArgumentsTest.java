package io.belay.face.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArgumentsTest {

  @Test
  void options_areSplitFromWordsAndParametersFromOptions() {
    Arguments arguments =
        Arguments.parse("run", "web-test", "--url=http://x", "--weights=50,100", "--yes");
    assertThat(arguments.command()).isEqualTo("run");
    assertThat(arguments.word(1, "runbook")).isEqualTo("web-test");
    assertThat(arguments.others(Set.of("url", "yes"))).containsOnlyKeys("weights");
  }

  @Test
  void passwordOnTheCommandLine_isRefusedAndNotRepeated() {
    assertThatThrownBy(() -> Arguments.parse("run", "--password=hunter2"))
        .hasMessageContaining("--password-env")
        .message()
        .doesNotContain("hunter2");
  }

  @Test
  void optionGivenTwice_isRefused() {
    assertThatThrownBy(() -> Arguments.parse("run", "--name=a", "--name=b"))
        .hasMessageContaining("more than once");
  }

  @Test
  void wrongCommandLine_exitsWithTwo() {
    assertThat(exit("nonsense", "--password-env=PATH")).isEqualTo(2);
    assertThat(exit("runs", "--password-env=NOT_SET_ANYWHERE")).isEqualTo(2);
    assertThat(exit("runs", "--password-env=PATH", "--typo=1")).isEqualTo(2);
    assertThat(exit("abort", "x", "--password-env=PATH")).isEqualTo(2);
    assertThat(exit()).isEqualTo(2);
  }

  @Test
  void unreachableBelay_exitsWithOne() {
    assertThat(exit("runs", "--password-env=PATH", "--url=http://127.0.0.1:9")).isEqualTo(1);
  }

  private static int exit(String... arguments) {
    return Terminal.run(
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), arguments);
  }
}
