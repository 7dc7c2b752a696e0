package io.belay.face.authoring;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * {@code lint <directory>} and {@code new runbook|phase|step <name>}. Exit code 0 on success, 1
 * when the lint found something or a file exists, 2 when the command line is wrong.
 */
public final class Authoring {

  private static final String HELP =
      """
      lint <directory>           checks the models in the directory, together with Belay's shared
                                 parts, as a deployment would: file, element, rule
      new runbook <name> [--in=<directory>]
                                 a directory with a small runbook that runs, its environment and test
      new phase <name> [--in=<directory>]
                                 <name>.bpmn in the directory, which is there already
      new step <name> [--in=<directory>]
                                 a Maven project with a step, its undo and their test
      """;

  /** The command line is wrong; the message says why. */
  static final class Wrong extends RuntimeException {
    Wrong(String message) {
      super(message);
    }
  }

  private Authoring() {}

  public static void main(String[] args) {
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    System.exit(run(System.out, args));
  }

  /**
   * Executes the command line.
   *
   * @return the exit code
   */
  public static int run(PrintStream stream, String... args) {
    PrintStream out = new PrintStream(stream, true, StandardCharsets.UTF_8);
    try {
      List<String> words = Arrays.asList(args);
      if (words.isEmpty() || List.of("help", "--help", "-h").contains(words.get(0))) {
        out.print(HELP);
        return words.isEmpty() ? 2 : 0;
      }
      return switch (words.get(0)) {
        case "lint" -> lint(out, words.subList(1, words.size()));
        case "new" -> new Scaffold(out).write(words.subList(1, words.size()));
        default -> throw new Wrong("unknown command '" + words.get(0) + "'; try help");
      };
    } catch (Wrong wrong) {
      out.println(wrong.getMessage());
      return 2;
    } catch (IOException failure) {
      out.println(failure.getMessage());
      return 1;
    }
  }

  private static int lint(PrintStream out, List<String> words) {
    if (words.size() != 1 || words.get(0).startsWith("-")) {
      throw new Wrong("lint: which directory? One is needed, and no options");
    }
    Path directory = Path.of(words.get(0));
    if (!Files.isDirectory(directory)) {
      throw new Wrong("lint: %s is no directory".formatted(directory));
    }
    return Lint.of(out, directory);
  }
}
