package io.belay.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.target.Command;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a shell makes of the scripts, without a host. */
class RemoteScriptTest {

  @TempDir Path directory;

  private static String sh(String script) throws Exception {
    Process shell = new ProcessBuilder("sh", "-s").redirectErrorStream(true).start();
    shell.getOutputStream().write(script.getBytes(StandardCharsets.UTF_8));
    shell.getOutputStream().close();
    String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    shell.waitFor();
    return output;
  }

  private static Command command(Map<String, Secret> environment, String... arguments) {
    return new Command(List.of(arguments), null, environment, Duration.ofSeconds(20));
  }

  @Test
  void anyArgumentAndValue_arrivesAsItIs() throws Exception {
    String odd = "it's $HOME `id` \"x\" \\ * ; & \n second line";
    assertThat(sh(RemoteScript.start(command(Map.of(), "printf", "%s|", odd, "", "-n"), Map.of())))
        .isEqualTo(odd + "||-n|");
    assertThat(
            sh(
                RemoteScript.start(
                    command(Map.of("ODD", Secret.of(odd)), "sh", "-c", "printf %s \"$ODD\""),
                    Map.of())))
        .isEqualTo(odd);
  }

  @Test
  void variablesOfACommand_areNotTheOnesOfTheShellThatRemovesItsFiles() throws Exception {
    Path data = Files.writeString(directory.resolve("data"), "x");
    Path kept =
        Files.writeString(Files.createDirectory(directory.resolve("kept")).resolve("a"), "");
    Command command =
        new Command(
            List.of("/bin/sh", "-c", "echo $files; echo $PATH; pwd"),
            null,
            Map.of("files", Secret.of(kept.getParent().toString()), "PATH", Secret.of("/nowhere")),
            Duration.ofSeconds(20),
            List.of(data));
    List<String> said = sh(RemoteScript.start(command, Map.of())).lines().toList();
    assertThat(said).hasSize(3).startsWith(kept.getParent().toString(), "/nowhere");
    assertThat(Path.of(said.get(2))).doesNotExist();
    assertThat(kept).exists();
  }

  @Test
  void scriptThatIsCutOff_doesNothing() throws Exception {
    Path trace = directory.resolve("trace");
    String script = RemoteScript.start(command(Map.of(), "touch", trace.toString()), Map.of());
    int end = script.lastIndexOf('}');
    for (int length = 0; length <= end; length += 7) {
      sh(script.substring(0, length));
      assertThat(trace).as(script.substring(0, length)).doesNotExist();
    }
    sh(script.substring(0, end));
    assertThat(trace).doesNotExist();
    sh(script);
    assertThat(trace).exists();
  }

  @Test
  void whatAShellCannotPass_isRefused() {
    assertThatThrownBy(
            () -> RemoteScript.start(command(Map.of("a b", Secret.of("x")), "true"), Map.of()))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("'a b'");
    assertThatThrownBy(() -> RemoteScript.start(command(Map.of(), "a\0b"), Map.of()))
        .hasMessageContaining("NUL");
    assertThatThrownBy(() -> RemoteScript.shell("x; reboot")).hasMessageContaining("no mark");
  }
}
