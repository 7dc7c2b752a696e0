package io.belay.runbooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The curl lines that {@code docs/migration-api.md} prints, the guide's among them, each given to a
 * shell as it stands, but for the port.
 */
final class PrintedLines {

  private static final Path PAGE = Path.of("docs/migration-api.md");
  private static final Pattern SHELL = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
  private static final Pattern ADDRESS = Pattern.compile("http://localhost:10000(/[^\"]*)");
  private static final String MARK = "status:";

  /**
   * @param status of the last answer; 0 when the line ended before it was whole
   */
  record Answer(int status, String text) {

    JsonNode json() {
      try {
        return JsonMapper.builder().build().readTree(text);
      } catch (IOException e) {
        throw new UncheckedIOException(text, e);
      }
    }
  }

  private final int port;
  private final Map<String, String> lines = new LinkedHashMap<>();
  private final Set<String> used = new LinkedHashSet<>();
  private String token = "";

  /** Gets a token by the line that is printed for that. */
  PrintedLines(int port) {
    this.port = port;
    Matcher blocks = SHELL.matcher(page());
    while (blocks.find()) {
      for (String line : blocks.group(1).replace("\\\n", " ").split("\n")) {
        Matcher address = ADDRESS.matcher(line);
        if (!line.startsWith("#") && line.contains("curl") && address.find()) {
          String name = address.group(1).replace("/api/migration", "");
          lines.merge(name, line, (first, second) -> first + "\n" + second);
        }
      }
    }
    token = shell(line("/api/tokens") + "; printf %s \"$ADMIN_TOKEN\"").strip();
    assertThat(token.split("\\.")).as("a token has three parts").hasSize(3);
  }

  static String page() {
    try {
      return Files.readString(PAGE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String line(String address) {
    used.add(address);
    assertThat(lines).containsKey(address);
    return lines.get(address);
  }

  /** The first line with that address, behind {@code /api/migration}. */
  Answer run(String address) {
    return answer(line(address).split("\n")[0] + " -s -w '" + MARK + "%{http_code}'");
  }

  /** What the second line with that address, a stream, says within a few seconds. */
  String stream(String address) {
    return shell(line(address).split("\n")[1] + " -s --max-time 4 || true");
  }

  /** Lines that were not run. */
  Set<String> left() {
    Set<String> left = new LinkedHashSet<>(lines.keySet());
    left.removeAll(used);
    return left;
  }

  private Answer answer(String command) {
    String output = shell(command);
    int mark = output.lastIndexOf(MARK);
    assertThat(mark).as(output).isNotNegative();
    return new Answer(
        Integer.parseInt(output.substring(mark + MARK.length()).strip()),
        output.substring(0, mark));
  }

  private String shell(String command) {
    try {
      ProcessBuilder shell =
          new ProcessBuilder("bash", "-c", command.replace(":10000/", ":" + port + "/"));
      shell.environment().put("ADMIN_TOKEN", token);
      Process process = shell.redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as("%s%n%s", command, output).isZero();
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
