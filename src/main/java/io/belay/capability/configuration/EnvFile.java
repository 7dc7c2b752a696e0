package io.belay.capability.configuration;

import io.belay.target.Secret;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An {@code .env} file as the program reads it that uses it. Of a key that is there twice the last
 * value counts. Every value is a secret.
 */
final class EnvFile {

  /** Or, without a group, what keeps a dollar sign from being one: {@code \$} and {@code $$}. */
  private static final Pattern REFERENCE =
      Pattern.compile("\\\\.|\\$\\$|\\$\\{?([A-Za-z_][A-Za-z0-9_]*)");

  /**
   * @param raw the text after the equals sign as it stands there, with quotes
   */
  record Entry(String key, Secret value, Secret raw, int line) {

    /** Whether the value refers to that key, as {@code ${KEY}} or {@code $KEY}. */
    boolean refersTo(String other) {
      String text = raw.reveal();
      Matcher reference = REFERENCE.matcher(text);
      boolean found = false;
      while (!text.startsWith("'") && !found && reference.find()) {
        found = other.equals(reference.group(1));
      }
      return found;
    }

    /** As it stands there, but for references to keys that are renamed. */
    String rawWith(Map<String, String> renames) {
      String text = raw.reveal();
      return text.startsWith("'")
          ? text
          : REFERENCE
              .matcher(text)
              .replaceAll(reference -> Matcher.quoteReplacement(renamed(reference, renames)));
    }

    private static String renamed(MatchResult reference, Map<String, String> renames) {
      String key = reference.group(1);
      return key == null
          ? reference.group()
          : reference.group().replace(key, renames.getOrDefault(key, key));
    }
  }

  private final byte[] content;
  private final String text;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  private EnvFile(byte[] content, EnvText text) {
    this.content = content;
    this.text = text.text();
    problems.addAll(text.problems());
  }

  static EnvFile parse(byte[] content, EnvDialect dialect) {
    EnvFile file = new EnvFile(content, EnvText.of(content));
    List<EnvAssignment> found = new ArrayList<>();
    if (dialect == EnvDialect.DOTENV) {
      DotenvLines.read(file.text, found, file.problems);
    } else {
      QuotedLines.read(dialect, file.text, found, file.problems);
    }
    found.forEach(file::put);
    return file;
  }

  Map<String, Entry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** What is not understood, by line: any key may be hidden there; never a value. */
  List<String> problems() {
    return Collections.unmodifiableList(problems);
  }

  /** What is understood, but hardly meant: keys that are there twice, a stray quote. */
  List<String> remarks() {
    return Collections.unmodifiableList(remarks);
  }

  /** The file with lines added at its end, in its own style of line ends; all else as it was. */
  byte[] withAdded(List<String> lines) {
    String end =
        text.contains("\r\n") ? "\r\n" : text.matches("(?s)[^\\n]*\\r[^\\n]*") ? "\r" : "\n";
    StringBuilder added = new StringBuilder();
    if (!text.isEmpty() && !text.endsWith("\n") && !text.endsWith("\r")) {
      added.append(end);
    }
    lines.forEach(line -> added.append(line.replace("\n", end)).append(end));
    byte[] more = added.toString().getBytes(StandardCharsets.UTF_8);
    byte[] result = Arrays.copyOf(content, content.length + more.length);
    System.arraycopy(more, 0, result, content.length, more.length);
    return result;
  }

  /**
   * The file with these values as they stand there, with quotes; all else as it was. A key that is
   * not there gets a line at the end.
   *
   * @param raws null for a key whose line must be gone
   */
  byte[] with(Map<String, String> raws) {
    String changed = text;
    List<String> added = new ArrayList<>();
    for (Map.Entry<String, String> raw : raws.entrySet()) {
      Entry entry = entries.get(raw.getKey());
      if (entry != null) {
        changed = replaced(changed, raw.getKey(), entry.raw().reveal(), raw.getValue());
      } else if (raw.getValue() != null) {
        added.add(raw.getKey() + "=" + raw.getValue());
      }
    }
    byte[] old = text.getBytes(StandardCharsets.UTF_8);
    byte[] mark = Arrays.copyOf(content, content.length - old.length); // of the byte order
    byte[] body = changed.getBytes(StandardCharsets.UTF_8);
    byte[] result = Arrays.copyOf(mark, mark.length + body.length);
    System.arraycopy(body, 0, result, mark.length, body.length);
    return new EnvFile(result, EnvText.of(result)).withAdded(added);
  }

  /** The last assignment counts. Unchanged where it is not found: the caller reads it again. */
  private static String replaced(String text, String key, String before, String after) {
    Matcher assignment =
        Pattern.compile(
                "(?m)^([ \\t]*(?:export[ \\t]+)?%s[ \\t]*[=:][ \\t]*)%s(?![^ \\t#\\r\\n])([^\\r\\n]*)(\\r?\\n|\\r|\\z)"
                    .formatted(Pattern.quote(key), Pattern.quote(before)))
            .matcher(text);
    String result = text;
    while (assignment.find()) {
      String kept =
          after == null
              ? ""
              : assignment.group(1) + after + assignment.group(2) + assignment.group(3);
      result = text.substring(0, assignment.start()) + kept + text.substring(assignment.end());
    }
    return result;
  }

  private void put(EnvAssignment assignment) {
    String key = assignment.key();
    Entry entry =
        new Entry(
            key, Secret.of(assignment.value()), Secret.of(assignment.raw()), assignment.line());
    Entry earlier = entries.put(key, entry);
    if (earlier != null) {
      remarks.add(
          "%s is there twice, on lines %d and %d; the last counts"
              .formatted(key, earlier.line(), entry.line()));
    }
    if (assignment.value().matches("(?s)['\"`].*") && assignment.value().equals(assignment.raw())) {
      remarks.add(
          "line %d opens a quotation that never ends; the quote is a part of the value"
              .formatted(entry.line()));
    }
  }
}
