package io.belay.playground;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The document store of the guide "Rolling Deployment Guide - Two-Database Migration": 21 legacy
 * files in one directory, into which the two new ones go; and Belay's own files in {@code .belay}.
 */
final class DocumentFiles {

  private static final long SEED = 21;
  private static final String STATE = ".belay";

  /** How the queries are answered is compared by what it says, not by who said it when. */
  private static final Set<String> MODE_FILES =
      Set.of(STATE + "/mode.json", STATE + "/mode.lock", STATE + "/mode-fence.json");

  private final Path directory;
  private final Path pristine;

  /**
   * @param documents how many, roughly
   */
  DocumentFiles(Path world, long documents) throws IOException {
    directory = Files.createDirectories(world.resolve("documents"));
    pristine = world.resolve("documents-at-first");
    LegacyDocuments.write(pristine, documents, SEED);
    reset();
  }

  Path directory() {
    return directory;
  }

  /** An application that reads the documents through Belay, until it is closed. */
  DocumentReaders readers(URI belay) throws IOException {
    return new DocumentReaders(belay, pristine);
  }

  /** Makes every file what it was at first; leaves those alone that are. */
  void reset() throws IOException {
    for (String name : names(directory)) {
      if (!Files.exists(pristine.resolve(name))) {
        Files.delete(directory.resolve(name));
      }
    }
    for (String name : names(pristine)) {
      restore(name);
    }
    try (Stream<Path> state = Files.walk(directory.resolve(STATE))) {
      for (Path left : state.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(left);
      }
    } catch (java.nio.file.NoSuchFileException nothing) {
      // Belay was not here.
    }
  }

  /** Makes one legacy file what it was at first. */
  void restore(String name) throws IOException {
    Path file = directory.resolve(name);
    if (!Files.exists(file) || Files.mismatch(file, pristine.resolve(name)) >= 0) {
      replace(file, Files.readAllBytes(pristine.resolve(name)));
    }
  }

  /** What the store is like: each file, and how queries are answered. */
  void describe(Map<String, String> facts) throws IOException {
    for (String name : names(directory)) {
      if (!MODE_FILES.contains(name)) {
        facts.put(
            "document file " + name,
            WorldFingerprint.hash(Files.readAllBytes(directory.resolve(name))));
      }
    }
    facts.put("document queries", mode());
  }

  /** As an application would read it. */
  private String mode() throws IOException {
    Path file = directory.resolve(STATE).resolve("mode.json");
    if (!Files.exists(file)) {
      return "legacy, prefer new true, fall back true";
    }
    JsonNode setting = new JsonMapper().readTree(file.toFile());
    return "%s, prefer new %s, fall back %s"
        .formatted(
            setting.path("mode").asText().toLowerCase(java.util.Locale.ROOT),
            setting.path("preferNew").asText(),
            setting.path("fallback").asText());
  }

  /** Puts a line that nobody can read into the middle of a file. */
  void breakLine(String name) throws IOException {
    List<String> lines = Files.readAllLines(directory.resolve(name));
    lines.add(lines.size() / 2, "{\"_id\":\"9zGkTqLm02xWcVbN\",\"userId\":\"7aBc");
    write(name, lines);
  }

  /** Stores one document's password as it is typed. */
  void revealPassword(String name) throws IOException {
    List<String> lines = Files.readAllLines(directory.resolve(name));
    for (int i = lines.size() - 1; i >= 0; i--) {
      if (lines.get(i).contains("\"password\":\"")) {
        lines.add(
            lines.get(i).replaceFirst("\"password\":\"[^\"]*\"", "\"password\":\"Winter2019!\""));
        write(name, lines);
        return;
      }
    }
    throw new IllegalStateException(name + " has no password");
  }

  /** Appends a changed document, as an application that does not know of the migration does. */
  void append(String name) throws IOException {
    List<String> lines = Files.readAllLines(pristine.resolve(name));
    Files.writeString(
        directory.resolve(name),
        lines.get(lines.size() / 2) + "\n",
        java.nio.file.StandardOpenOption.APPEND);
  }

  /** Overwrites the middle third of a file with zeros, as a failing disk does. */
  void zeroMiddle(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(directory.resolve(name));
    Arrays.fill(bytes, bytes.length / 3, bytes.length / 3 * 2, (byte) 0);
    Files.write(directory.resolve(name), bytes);
  }

  boolean has(String name) {
    return Files.exists(directory.resolve(name));
  }

  private void write(String name, List<String> lines) throws IOException {
    replace(
        directory.resolve(name),
        (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static void replace(Path file, byte[] bytes) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.write(part, bytes);
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Set<String> names(Path root) throws IOException {
    Map<String, Path> names = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      files
          .filter(Files::isRegularFile)
          .forEach(file -> names.put(root.relativize(file).toString(), file));
    }
    return names.keySet();
  }
}
