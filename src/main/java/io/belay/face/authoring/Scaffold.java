package io.belay.face.authoring;

import io.belay.face.authoring.Authoring.Wrong;
import io.belay.file.PrivateFiles;
import io.belay.model.DeliveredModels;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes the first version of a runbook, phase or step: a copy of a working example, under the
 * author's name for it.
 */
final class Scaffold {

  /** In this working copy, where the launcher starts. */
  private static final Path EXAMPLES = Path.of("examples");

  private static final String RUNBOOK = "hello";
  private static final String PHASE = "change-by-command";
  private static final String STEP = "own-step";
  private static final String NAME = "[a-z][a-z0-9]*(-[a-z0-9]+)*";
  private static final int LONGEST = 60;

  private final PrintStream out;

  Scaffold(PrintStream out) {
    this.out = out;
  }

  /**
   * Writes nothing if something of that name exists.
   *
   * @param words what follows {@code new}
   * @return the exit code
   */
  int write(List<String> words) throws IOException {
    if (words.size() < 2 || words.size() > 3 || words.get(1).startsWith("-")) {
      throw new Wrong("new: runbook, phase or step, and its name; see help");
    }
    String name = words.get(1);
    if (!name.matches(NAME) || name.length() > LONGEST) {
      throw new Wrong(
          "new: '%s' is no name; write it in kebab-case, such as move-orders, with at most %d characters"
              .formatted(name, LONGEST));
    }
    Path in = Path.of(words.size() == 3 ? directory(words.get(2)) : "");
    if (!Files.isDirectory(in.toAbsolutePath())) {
      throw new Wrong("new: %s is no directory".formatted(in));
    }
    return switch (words.get(0)) {
      case "runbook" -> write(in.resolve(name), renamed(example(RUNBOOK), RUNBOOK, name, in));
      case "phase" -> write(in, phase(name));
      case "step" -> write(in.resolve(name), renamed(example(STEP), STEP, name, in));
      default -> throw new Wrong("new: '%s' is no runbook, phase or step".formatted(words.get(0)));
    };
  }

  private static String directory(String option) {
    if (!option.startsWith("--in=")) {
      throw new Wrong("new: unknown option " + option);
    }
    return option.substring("--in=".length());
  }

  private static Map<String, String> example(String name) throws IOException {
    Path root = EXAMPLES.resolve(name);
    if (!Files.isDirectory(root)) {
      throw new Wrong("new: %s is not here; start it in a working copy of Belay".formatted(root));
    }
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> found = Files.walk(root)) {
      for (Path file : (Iterable<Path>) found.filter(Files::isRegularFile)::iterator) {
        String path = root.relativize(file).toString();
        if (!path.startsWith("target/") && !path.startsWith("state/")) {
          files.put(path, Files.readString(file));
        }
      }
    }
    return files;
  }

  private static Map<String, String> renamed(
      Map<String, String> files, String old, String name, Path in) {
    Map<String, String> renamed = new TreeMap<>();
    String place = in.toAbsolutePath().normalize().resolve(name).toString();
    files.forEach(
        (file, text) ->
            renamed.put(
                rename(file, old, name),
                rename(text.replace("examples/" + old, place), old, name)));
    return renamed;
  }

  private static Map<String, String> phase(String name) {
    byte[] model = new DeliveredModels("").parts().get("phases/" + PHASE + ".bpmn");
    return Map.of(name + ".bpmn", rename(new String(model, StandardCharsets.UTF_8), PHASE, name));
  }

  /** Replaces the name by itself, in ids, and in words. */
  private static String rename(String text, String old, String name) {
    return text.replaceAll("(?<![A-Za-z0-9])" + old + "(?![A-Za-z0-9])", name)
        .replaceAll("(?<![A-Za-z0-9])" + title(old) + "(?![A-Za-z0-9])", title(name));
  }

  private static String title(String name) {
    return Character.toUpperCase(name.charAt(0)) + name.substring(1).replace('-', ' ');
  }

  private int write(Path root, Map<String, String> files) throws IOException {
    for (String file : files.keySet()) {
      if (Files.exists(root.resolve(file))) {
        out.println(root.resolve(file) + " is there already; nothing was written");
        return 1;
      }
    }
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = root.resolve(file.getKey());
      PrivateFiles.directories(path.toAbsolutePath().getParent());
      PrivateFiles.create(path, file.getValue().getBytes(StandardCharsets.UTF_8));
      if (file.getKey().endsWith(".sh") && !path.toFile().setExecutable(true)) {
        throw new IOException(path + " cannot be made executable");
      }
      out.println(path);
    }
    return 0;
  }
}
