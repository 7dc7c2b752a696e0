package io.belay.playground;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The programs with which the backend is built and tested.
 *
 * @param compiler {@code javac}
 * @param agent JaCoCo's agent, which counts the lines that a test runs
 * @param reporter JaCoCo's command line
 */
record BackendTools(String compiler, String agent, String reporter) {

  private static final String FILE = "backend/tools";

  /**
   * @throws IllegalStateException when one is not there
   */
  static BackendTools find() {
    Path compiler = Path.of(System.getProperty("java.home"), "bin", "javac");
    if (!Files.isExecutable(compiler)) {
      throw new IllegalStateException("the backend's build needs a JDK: there is no " + compiler);
    }
    return new BackendTools(compiler.toString(), jar("org.jacoco.agent-"), jar("org.jacoco.cli-"));
  }

  private static String jar(String name) {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> new File(entry).getName().startsWith(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no " + name + "*.jar on the class path"));
  }

  /** For the commands, whose class path is shorter. */
  void write(Path world) throws IOException {
    Files.write(world.resolve(FILE), List.of(compiler, agent, reporter));
  }

  static BackendTools read(Path world) throws IOException {
    List<String> lines = Files.readAllLines(world.resolve(FILE));
    return new BackendTools(lines.get(0), lines.get(1), lines.get(2));
  }
}
