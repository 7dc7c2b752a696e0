package io.belay.configuration;

import io.belay.target.Secret;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code .env} file: {@code KEY=value} lines, with {@code export} or without, values bare or in
 * single quotes (as they are), double quotes (with escapes) or backticks, over several lines where
 * quoted; {@code #} comments on lines of their own or after a blank. Of a key that is there twice
 * the last value counts, as for the libraries that read such files. Every value is a secret.
 */
final class EnvFile {

  private static final Pattern ASSIGNMENT =
      Pattern.compile("^\\s*(?:export\\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\\s*=[ \\t]*(.*)$");

  /** Bytes to characters one by one, so that whatever encoding the file has is kept. */
  private static final Charset BYTES = StandardCharsets.ISO_8859_1;

  /**
   * @param raw the text after the equals sign as it stands there, with quotes
   */
  record Entry(String key, Secret value, Secret raw, int line) {}

  private final String text;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();

  private EnvFile(String text) {
    this.text = text;
  }

  static EnvFile parse(byte[] content) {
    EnvFile file = new EnvFile(new String(content, BYTES));
    file.read();
    return file;
  }

  Map<String, Entry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** Lines that are no assignment, keys that are there twice; never a value. */
  List<String> remarks() {
    return Collections.unmodifiableList(remarks);
  }

  /** The file with lines added at its end, in its own style of line ends; all else as it was. */
  byte[] withAdded(List<String> lines) {
    String end = text.contains("\r\n") ? "\r\n" : "\n";
    StringBuilder result = new StringBuilder(text);
    if (!text.isEmpty() && !text.endsWith("\n")) {
      result.append(end);
    }
    lines.forEach(line -> result.append(line.replace("\n", end)).append(end));
    return result.toString().getBytes(BYTES);
  }

  private void read() {
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      String line = bare(lines[i], i == 0);
      if (line.isBlank() || line.stripLeading().startsWith("#")) {
        continue;
      }
      Matcher matcher = ASSIGNMENT.matcher(line);
      if (!matcher.matches()) {
        remarks.add("line %d is no assignment".formatted(i + 1));
        continue;
      }
      int last = lastLine(lines, i, matcher.group(2));
      String raw = matcher.group(2);
      for (int more = i + 1; more <= last; more++) {
        raw += "\n" + bare(lines[more], false);
      }
      put(matcher.group(1), raw, i + 1);
      i = last;
    }
  }

  private static String bare(String line, boolean first) {
    String text = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    return first && text.startsWith("\u00EF\u00BB\u00BF") ? text.substring(3) : text;
  }

  /** Where a quoted value ends; the same line when it is not quoted or never ends. */
  private int lastLine(String[] lines, int start, String value) {
    if (value.isEmpty() || "'\"`".indexOf(value.charAt(0)) < 0) {
      return start;
    }
    char quote = value.charAt(0);
    if (closing(value, quote, 1) >= 0) {
      return start;
    }
    for (int i = start + 1; i < lines.length; i++) {
      if (closing(lines[i], quote, 0) >= 0) {
        return i;
      }
    }
    remarks.add("line %d opens a quotation that never ends".formatted(start + 1));
    return start;
  }

  private static int closing(String text, char quote, int from) {
    for (int i = from; i < text.length(); i++) {
      if (text.charAt(i) == '\\' && quote == '"') {
        i++;
      } else if (text.charAt(i) == quote) {
        return i;
      }
    }
    return -1;
  }

  private void put(String key, String raw, int line) {
    Entry entry = new Entry(key, Secret.of(value(raw)), Secret.of(raw.stripTrailing()), line);
    Entry earlier = entries.put(key, entry);
    if (earlier != null) {
      remarks.add(
          "%s is there twice, on lines %d and %d; the last counts"
              .formatted(key, earlier.line(), line));
    }
  }

  private static String value(String raw) {
    if (!raw.isEmpty() && "'\"`".indexOf(raw.charAt(0)) >= 0) {
      int end = closing(raw, raw.charAt(0), 1);
      if (end >= 0) {
        String inner = raw.substring(1, end);
        return raw.charAt(0) == '"' ? unescaped(inner) : inner;
      }
    }
    Matcher comment = Pattern.compile("(^|\\s)#").matcher(raw);
    return (comment.find() ? raw.substring(0, comment.start()) : raw).strip();
  }

  private static String unescaped(String text) {
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\' || i + 1 == text.length()) {
        result.append(c);
        continue;
      }
      char next = text.charAt(++i);
      switch (next) {
        case 'n' -> result.append('\n');
        case 'r' -> result.append('\r');
        case 't' -> result.append('\t');
        case '"', '\\', '$' -> result.append(next);
        default -> result.append(c).append(next);
      }
    }
    return result.toString();
  }
}
