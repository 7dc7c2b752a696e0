package io.belay;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.playground.Needs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * bpmn.io's own lint, with its recommended rules and Camunda's for this engine, finds nothing in
 * any model, not even a warning. One rule is off: the lower rail of a runbook is entered from the
 * side at each undo, without a gateway in front of it.
 */
class ModelsPassBpmnlintTest {

  private static final Path SETUP = Path.of("src/test/bpmnlint");
  private static final Path WORK = Path.of("target/bpmnlint");
  private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.(\\d+)");

  @Test
  void everyModel_passes() throws Exception {
    Needs.that(isNodeHere(), "npm and Node.js 20.19 or newer");
    install();
    List<String> command =
        new ArrayList<>(
            List.of(
                "node",
                "node_modules/bpmnlint/bin/bpmnlint.js",
                "--config",
                ".bpmnlintrc",
                "--max-warnings",
                "0"));
    List<String> models = models();
    assertThat(models).isNotEmpty();
    command.addAll(models);
    Ended lint = run(command);
    assertThat(lint.exit()).as(lint.output()).isZero();
  }

  private static List<String> models() throws IOException {
    List<String> models = new ArrayList<>();
    for (String root : List.of("processes", "examples")) {
      if (Files.isDirectory(Path.of(root))) {
        try (Stream<Path> files = Files.walk(Path.of(root))) {
          files
              .filter(file -> file.toString().endsWith(".bpmn"))
              .filter(file -> !file.toString().contains("/target/"))
              .map(file -> file.toAbsolutePath().toString())
              .forEach(models::add);
        }
      }
    }
    return models;
  }

  /** What package-lock.json says, and nothing newer. */
  private static void install() throws IOException, InterruptedException {
    Files.createDirectories(WORK);
    for (String file : List.of("package.json", "package-lock.json", ".bpmnlintrc")) {
      Files.copy(SETUP.resolve(file), WORK.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    Ended installed = run(List.of("npm", "ci", "--ignore-scripts", "--prefer-offline"));
    assertThat(installed.exit()).as(installed.output()).isZero();
  }

  private static boolean isNodeHere() throws InterruptedException {
    try {
      Files.createDirectories(WORK);
      Matcher node = VERSION.matcher(run(List.of("node", "--version")).output());
      return run(List.of("npm", "--version")).exit() == 0
          && node.find()
          && Integer.parseInt(node.group(1)) * 100 + Integer.parseInt(node.group(2)) >= 2019;
    } catch (IOException absent) {
      return false;
    }
  }

  private record Ended(int exit, String output) {}

  private static Ended run(List<String> command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("bpmnlint", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(WORK.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(5, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException(command + " did not end");
      }
      return new Ended(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    } finally {
      Files.delete(output);
    }
  }
}
