package io.belay.benchmark;

import io.belay.Belay;
import io.belay.playground.Java;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Belay as the Dockerfile packages it: {@code belay.jar} and its libraries.
 *
 * @param jar of Belay itself
 * @param libraries directory
 */
record Package(Path jar, Path libraries) {

  /** Builds it from this working copy; takes about a minute. */
  static Package build(Path directory) throws IOException, InterruptedException {
    run("mvn", "-q", "-B", "-DskipTests", "package");
    Path built;
    try (var files = Files.list(Path.of("target"))) {
      built =
          files
              .filter(file -> file.getFileName().toString().matches("belay-.*-exec\\.jar"))
              .findFirst()
              .orElseThrow();
    }
    run(
        Java.executable(),
        "-Djarmode=tools",
        "-jar",
        built.toString(),
        "extract",
        "--destination",
        directory.toString());
    return new Package(directory.resolve(built.getFileName()), directory.resolve("lib"));
  }

  private static void run(String... command) throws IOException, InterruptedException {
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IllegalStateException("failed: " + List.of(command));
    }
  }

  /** The same command as in the image. */
  List<String> belay() {
    return List.of(Java.executable(), "-cp", jar + ":" + libraries + "/*", Belay.class.getName());
  }

  /**
   * {@link BareCamunda} with the same libraries.
   *
   * @param directory gets its class, and nothing else of Belay or its tests
   */
  List<String> bare(Path directory) throws IOException {
    String name = BareCamunda.class.getName().replace('.', '/') + ".class";
    Path copy = directory.resolve(name);
    Files.createDirectories(copy.getParent());
    try (var content = BareCamunda.class.getClassLoader().getResourceAsStream(name)) {
      Files.copy(content, copy);
    }
    return List.of(
        Java.executable(), "-cp", directory + ":" + libraries + "/*", BareCamunda.class.getName());
  }
}
