package io.belay.capability.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.playground.Needs;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real library, in Node. Installed once into {@code target}. */
public final class Nedb {

  private static final String VERSION = "4.1.2";
  private static final Path DIRECTORY = Path.of("target", "nedb-" + VERSION).toAbsolutePath();
  private static final Path SCRIPT = Path.of("src/test/resources/nedb/nedb.js").toAbsolutePath();

  private Nedb() {}

  /** {@link Needs} Node, no npm, or no registry to get the library from. */
  public static void require() throws Exception {
    Needs.that(isOnPath("node") && isOnPath("npm"), "Node.js and npm");
    if (!Files.isDirectory(modules().resolve("@seald-io").resolve("nedb"))) {
      Files.createDirectories(DIRECTORY);
      Process npm =
          new ProcessBuilder(
                  "npm",
                  "install",
                  "--no-audit",
                  "--no-fund",
                  "--prefix",
                  DIRECTORY.toString(),
                  "@seald-io/nedb@" + VERSION)
              .redirectErrorStream(true)
              .redirectOutput(DIRECTORY.resolve("npm.log").toFile())
              .start();
      boolean installed = npm.waitFor(60, TimeUnit.SECONDS) && npm.exitValue() == 0;
      npm.destroyForcibly();
      Needs.that(installed, "@seald-io/nedb by npm; see " + DIRECTORY + "/npm.log");
    }
  }

  static Path modules() {
    return DIRECTORY.resolve("node_modules");
  }

  private static boolean isOnPath(String program) {
    for (String directory : System.getenv("PATH").split(File.pathSeparator)) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }

  /** Runs a command of the script; returns what it printed. */
  public static JsonNode run(String command, Object... arguments)
      throws IOException, InterruptedException {
    List<String> line =
        new ArrayList<>(
            List.of(
                "node",
                "--max-old-space-size=8192",
                SCRIPT.toString(),
                command,
                modules().toString()));
    for (Object argument : arguments) {
      line.add(argument.toString());
    }
    Path errors = Files.createTempFile("nedb-", ".err");
    Process node = new ProcessBuilder(line).redirectError(errors.toFile()).start();
    String output =
        new String(node.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(node.waitFor()).as(Files.readString(errors)).isZero();
    Files.delete(errors);
    return output.isBlank()
        ? com.fasterxml.jackson.databind.node.NullNode.getInstance()
        : Json.MAPPER.readTree(output);
  }
}
