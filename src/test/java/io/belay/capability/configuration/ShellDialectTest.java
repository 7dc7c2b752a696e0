package io.belay.capability.configuration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dialect of a shell, against the shell itself. */
class ShellDialectTest {

  /** Sources each file, and writes what its key is then; a file that it refuses gets none. */
  private static final String READ =
      "for f in *.env; do (. ./\"$f\" && printf %s \"$KEY\" > \"$f.value\") 2>/dev/null </dev/null; done";

  /** Nothing of it is a command, writes a file, or differs from machine to machine, as ~ does. */
  private static final String ALPHABET = "aZ9 \t'\"\\`;|&()#=:-";

  @TempDir private Path directory;

  @Test
  void whatIsUnderstood_isWhatTheShellReads() throws Exception {
    Random random = new Random(13);
    Map<String, String> values = new TreeMap<>();
    IntStream.range(0, 1500).forEach(i -> values.put("v" + i, value(random)));
    for (Map.Entry<String, String> value : values.entrySet()) {
      Files.writeString(directory.resolve(value.getKey() + ".env"), "KEY=" + value.getValue());
    }
    sh(READ);
    int understood = 0;
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, String> value : values.entrySet()) {
      EnvFile file = EnvFile.parse(("KEY=" + value.getValue()).getBytes(UTF_8), EnvDialect.SHELL);
      if (file.problems().isEmpty()) {
        understood++;
        Path read = directory.resolve(value.getKey() + ".env.value");
        String shell = Files.exists(read) ? Files.readString(read) : "refused by the shell";
        if (!text(file).equals(shell)) {
          wrong.add("KEY=%s is %s, not %s".formatted(value.getValue(), shell, text(file)));
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(understood).isGreaterThan(200);
  }

  private static String value(Random random) {
    return random
        .ints(1 + random.nextInt(7), 0, ALPHABET.length())
        .mapToObj(i -> String.valueOf(ALPHABET.charAt(i)))
        .collect(Collectors.joining());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "`touch ran`",
        "\"`touch ran`\"",
        "\"a`touch ran`b\"",
        "$(touch ran)",
        "\"$(touch ran)\"",
        "a;touch ran",
        "a&touch ran",
        "'a'\"`touch ran`\""
      })
  void whatTheShellRuns_isNotUnderstood(String value) throws Exception {
    Files.writeString(directory.resolve("a.env"), "KEY=" + value + "\n");
    sh(READ + "; wait");
    assertThat(directory.resolve("ran")).as("the shell runs it").exists();
    assertThat(EnvFile.parse(("KEY=" + value + "\n").getBytes(UTF_8), EnvDialect.SHELL).problems())
        .containsExactly("line 1 would run a command");
  }

  @ParameterizedTest
  @ValueSource(strings = {"'`touch ran`'", "\"\\`touch ran\\`\"", "'$(touch ran)'", "\\$a"})
  void whatTheShellTakesForText_isUnderstood(String value) throws Exception {
    Files.writeString(directory.resolve("a.env"), "KEY=" + value + "\n");
    sh(READ);
    assertThat(directory.resolve("ran")).doesNotExist();
    assertThat(text(EnvFile.parse(("KEY=" + value + "\n").getBytes(UTF_8), EnvDialect.SHELL)))
        .isEqualTo(Files.readString(directory.resolve("a.env.value")));
  }

  private static String text(EnvFile file) {
    assertThat(file.problems()).isEmpty();
    EnvFile.Entry entry = file.entries().get("KEY");
    return entry.value().isPresent() ? entry.value().reveal() : "";
  }

  private void sh(String script) throws Exception {
    Process shell =
        new ProcessBuilder("/bin/sh", "-c", script)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }
}
