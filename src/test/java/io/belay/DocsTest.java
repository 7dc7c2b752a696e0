package io.belay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Everything that a page names is there: pages, headings, files, classes and commands. */
class DocsTest {

  private static final Path ROOT = Path.of("").toAbsolutePath();
  private static final Path INDEX = Path.of("docs/README.md");
  private static final Path DECISIONS = Path.of("docs/decisions");

  /** What a page tells the reader to make. */
  private static final Set<String> MADE = Set.of("environments/production.yml");

  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?)\\s*$");
  private static final Pattern CODE = Pattern.compile("`([^`\\n]+)`");
  private static final Pattern FENCE = Pattern.compile("(?ms)^ *```.*?^ *```");

  /** A file or directory of the source tree, when it has no placeholder and no wildcard. */
  private static final Pattern PATH =
      Pattern.compile(
          "(?:\\./)?((?:src|docs|processes|environments|examples|docker)/[A-Za-z0-9_./-]*)");

  private static final Pattern CLASS = Pattern.compile("io\\.belay(?:\\.[a-z]+)*\\.[A-Z]\\w+");
  private static final Pattern COMMAND = Pattern.compile("\\./belay ([a-z][a-z-]*)");

  @Test
  void links_leadToFilesAndHeadings() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      Matcher link = LINK.matcher(FENCE.matcher(Files.readString(page)).replaceAll(""));
      while (link.find()) {
        String target = link.group(1);
        if (!target.matches("[a-z]+:.*") && !leadsSomewhere(page, target)) {
          broken.add(page + " -> " + target);
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  private static boolean leadsSomewhere(Path page, String target) throws IOException {
    int hash = target.indexOf('#');
    String file = hash < 0 ? target : target.substring(0, hash);
    Path path = file.isEmpty() ? page : page.resolveSibling(file).normalize();
    return Files.exists(ROOT.resolve(path))
        && (hash < 0
            || !path.toString().endsWith(".md")
            || anchors(path).contains(target.substring(hash + 1)));
  }

  private static Set<String> anchors(Path page) throws IOException {
    Set<String> anchors = new HashSet<>();
    Matcher heading = HEADING.matcher(FENCE.matcher(Files.readString(page)).replaceAll(""));
    while (heading.find()) {
      String plain = heading.group(1).replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1").toLowerCase();
      String anchor = plain.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
      for (int again = 0; !anchors.add(again == 0 ? anchor : anchor + "-" + again); again++) {
        // GitHub numbers headings of the same text
      }
    }
    return anchors;
  }

  @Test
  void filesAndClasses_thatPagesName_exist() throws IOException {
    List<String> missing = new ArrayList<>();
    for (Path page : pages()) {
      String text = Files.readString(page);
      Matcher code = CODE.matcher(text);
      while (code.find()) {
        Matcher path = PATH.matcher(code.group(1));
        if (path.matches()
            && !MADE.contains(path.group(1))
            && !Files.exists(ROOT.resolve(path.group(1)))
            && !Files.exists(page.resolveSibling(path.group(1)))) {
          missing.add(page + ": " + path.group(1));
        }
      }
      Matcher name = CLASS.matcher(text);
      while (name.find()) {
        String file = name.group().replace('.', '/') + ".java";
        if (Stream.of("main", "test", "benchmark", "matrix")
            .noneMatch(set -> Files.exists(Path.of("src", set, "java").resolve(file)))) {
          missing.add(page + ": " + name.group());
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void commands_thatPagesName_areInTheLaunchersHelp() throws IOException {
    String help = Files.readString(Path.of("belay"));
    help = help.substring(help.indexOf("usage()"), help.indexOf("\nEND"));
    Set<String> unknown = new TreeSet<>();
    for (Path page : pages()) {
      Matcher command = COMMAND.matcher(Files.readString(page));
      while (command.find()) {
        if (!Pattern.compile("(?m)^  (?:\\S.*, )?" + command.group(1) + "\\b")
            .matcher(help)
            .find()) {
          unknown.add(page + ": ./belay " + command.group(1));
        }
      }
    }
    assertThat(unknown).isEmpty();
  }

  @Test
  void theIndex_leadsToEveryPage() throws IOException {
    String index = Files.readString(INDEX);
    try (Stream<Path> files = Files.walk(Path.of("docs"))) {
      assertThat(files.filter(file -> file.toString().endsWith(".md")))
          .filteredOn(page -> !page.startsWith(DECISIONS))
          .allSatisfy(
              page ->
                  assertThat(page.equals(INDEX) || isListed(index, page)).as("%s", page).isTrue());
    }
  }

  private static boolean isListed(String index, Path page) {
    return index.contains("](" + INDEX.getParent().relativize(page) + ")");
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(Path.of("README.md")));
    for (String directory : List.of("docs", "examples")) {
      if (Files.isDirectory(Path.of(directory))) {
        try (Stream<Path> files = Files.walk(Path.of(directory))) {
          files
              .filter(file -> file.toString().endsWith(".md"))
              .filter(file -> !file.toString().contains("/target/"))
              .forEach(pages::add);
        }
      }
    }
    return pages;
  }
}
