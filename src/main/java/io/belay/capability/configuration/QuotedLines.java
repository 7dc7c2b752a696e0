package io.belay.capability.configuration;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads as Docker Compose, systemd or a POSIX shell does, as far as they tell the same from any
 * file: what one of them would take for a command, or read until the end of the file, is a problem.
 *
 * @see <a
 *     href="https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/">Compose</a>
 * @see <a
 *     href="https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html">systemd</a>
 */
final class QuotedLines {

  private static final Pattern COMPOSE_KEY =
      Pattern.compile("(?:export[ \\t]+)?([A-Za-z0-9_.-]+)[ \\t]*[=:][ \\t]*");
  private static final Pattern SYSTEMD_KEY =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)[ \\t]*=[ \\t]*");
  private static final Pattern SHELL_KEY =
      Pattern.compile("(?:export[ \\t]+)?([A-Za-z_][A-Za-z0-9_]*)=");

  private static final String COMMAND = "would run a command";

  private final EnvDialect dialect;
  private final String text;
  private int at;

  private QuotedLines(EnvDialect dialect, String text) {
    this.dialect = dialect;
    this.text = text;
  }

  static void read(
      EnvDialect dialect, String content, List<EnvAssignment> found, List<String> problems) {
    // A shell and Compose take a carriage return for a part of the value.
    String text =
        dialect == EnvDialect.SHELL
            ? content
            : content.replaceAll(dialect == EnvDialect.SYSTEMD ? "\\r\\n?" : "\\r\\n", "\n");
    QuotedLines lines = new QuotedLines(dialect, text);
    while (lines.at < text.length()) {
      lines.line(found, problems);
    }
  }

  private void line(List<EnvAssignment> found, List<String> problems) {
    skipBlanks();
    int start = at;
    int line = EnvText.lineOf(text, start);
    if (ends() || isComment()) {
      at = endOfLine(at) + 1;
      return;
    }
    Matcher key = key().matcher(text).region(at, endOfLine(at));
    String problem = "is no assignment";
    if (key.lookingAt()) {
      at = key.end();
      int from = at;
      StringBuilder value = new StringBuilder();
      problem = value(value);
      String raw = text.substring(from, at).stripTrailing();
      skipBlanks();
      if (problem == null && !ends() && !isTrailingComment()) {
        problem = "goes on after the value";
      }
      if (problem == null) {
        found.add(new EnvAssignment(key.group(1), value.toString(), raw, line));
      }
    }
    if (problem != null) {
      problems.add("line %d %s".formatted(line, problem));
      at = start;
    }
    at = endOfLine(at) + 1;
  }

  private Pattern key() {
    return switch (dialect) {
      case SYSTEMD -> SYSTEMD_KEY;
      case SHELL -> SHELL_KEY;
      default -> COMPOSE_KEY;
    };
  }

  private boolean isComment() {
    return text.charAt(at) == '#' || dialect == EnvDialect.SYSTEMD && text.charAt(at) == ';';
  }

  private boolean isTrailingComment() {
    return dialect != EnvDialect.SYSTEMD
        && text.charAt(at) == '#'
        && Character.isWhitespace(text.charAt(at - 1));
  }

  /** Reads to the end of the value; returns what is wrong with it, or null. */
  private String value(StringBuilder value) {
    boolean first = true;
    while (!ends()) {
      char c = text.charAt(at);
      if (c == '\r') {
        return "has a carriage return in its value";
      }
      if ((c == '\'' || c == '"') && (first || dialect != EnvDialect.COMPOSE)) {
        String problem = quoted(c, value);
        if (problem != null) {
          return problem;
        }
        if (dialect == EnvDialect.COMPOSE) {
          return null;
        }
      } else if (dialect == EnvDialect.SHELL && " \t".indexOf(c) >= 0) {
        return null;
      } else if (dialect == EnvDialect.SHELL && (";|&<>()".indexOf(c) >= 0 || runsCommand(at))) {
        return COMMAND;
      } else if (dialect == EnvDialect.COMPOSE && " \t".indexOf(c) >= 0 && commentFollows()) {
        return null;
      } else if (c == '\\' && dialect != EnvDialect.COMPOSE) {
        at++;
        if (at == text.length() && dialect == EnvDialect.SHELL) {
          value.append('\\');
        } else if (at < text.length() && text.charAt(at) != '\n') {
          value.append(text.charAt(at));
        }
        at = Math.min(at + 1, text.length());
      } else {
        value.append(c);
        at++;
      }
      first = false;
    }
    if (dialect != EnvDialect.SHELL) {
      value.setLength(value.toString().stripTrailing().length());
    }
    return null;
  }

  private boolean commentFollows() {
    int next = at;
    while (next < text.length() && " \t".indexOf(text.charAt(next)) >= 0) {
      next++;
    }
    return next < text.length() && text.charAt(next) == '#';
  }

  /** Whether a shell would run a command for what begins there. */
  private boolean runsCommand(int place) {
    return dialect == EnvDialect.SHELL
        && (text.charAt(place) == '`' || text.startsWith("$(", place));
  }

  /** Reads a quotation; returns what is wrong with it, or null. */
  private String quoted(char quote, StringBuilder value) {
    for (int i = at + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == quote) {
        at = i + 1;
        return null;
      }
      if (quote == '"' && runsCommand(i)) {
        return COMMAND;
      }
      if (c == '\\' && quote == '"' && i + 1 < text.length()) {
        value.append(escaped(text.charAt(++i)));
      } else {
        value.append(c);
      }
    }
    return "opens a quotation that never ends";
  }

  private String escaped(char c) {
    if (dialect == EnvDialect.COMPOSE) {
      return switch (c) {
        case 'n' -> "\n";
        case 'r' -> "\r";
        case 't' -> "\t";
        case '"', '\\', '$' -> String.valueOf(c);
        default -> "\\" + c;
      };
    }
    return c == '\n' ? "" : "\"\\`$".indexOf(c) >= 0 ? String.valueOf(c) : "\\" + c;
  }

  private void skipBlanks() {
    while (at < text.length() && " \t".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private boolean ends() {
    return at >= text.length() || text.charAt(at) == '\n';
  }

  private int endOfLine(int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end;
  }
}
