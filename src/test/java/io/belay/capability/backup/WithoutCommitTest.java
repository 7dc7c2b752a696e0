package io.belay.capability.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WithoutCommitTest {

  private static final String END = "COMMIT;\n\n--\n-- PostgreSQL database dump complete\n--\n\n";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private boolean copy(String script) throws IOException {
    return WithoutCommit.copy(
        new ByteArrayInputStream(script.getBytes(StandardCharsets.UTF_8)), out);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, 65536, 262143, 262144, 262145, 1_000_000})
  void onlyTheLastCommitIsLeftOut_howeverLongTheScript(int length) throws IOException {
    String body = "BEGIN;\nCOMMIT;\nü" + "x".repeat(length) + "\n";

    assertThat(copy(body + END)).isTrue();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(body);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1000, 1_000_000})
  void scriptWithoutItsEnd_isNotComplete(int length) throws IOException {
    assertThat(copy("BEGIN;\n" + "x".repeat(length))).isFalse();
  }
}
