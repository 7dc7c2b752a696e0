package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadFilesTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  @TempDir Path directory;

  @BeforeEach
  void files() throws IOException {
    Files.createDirectories(directory.resolve("migrations/one"));
    for (String file :
        List.of("apply.sh", "down.sql", "main.yaml", "migrations/one/up.sql", "unread.txt")) {
      Files.writeString(directory.resolve(file), file);
    }
  }

  @Test
  void filesThatArgumentsName_areRead_programsInThePathAreNot() {
    assertThat(names("psql", "--file=down.sql", "-v", "unknown.sql", "")).containsOnly("down.sql");
    assertThat(names("sh", directory.resolve("apply.sh").toString())).containsOnly("apply.sh");
    assertThat(names("./apply.sh")).containsOnly("apply.sh");
    assertThat(names("apply.sh")).isEmpty();
  }

  @Test
  void directoriesThatACommandSaysItReads_areReadWhole() {
    assertThat(names(List.of("npx", "prisma"), List.of(Path.of("migrations"))))
        .containsOnly("migrations/one/up.sql");
  }

  /** A target that itself reads a directory, as a changelog does. */
  private record Changelog(Path directory) implements Target {
    @Override
    public String describe() {
      return "changelog";
    }

    @Override
    public List<Path> reads() {
      return List.of(directory);
    }
  }

  @Test
  void whatTheTargetItselfReads_isReadWhole() {
    assertThat(names(new Changelog(directory))).contains("main.yaml", "migrations/one/up.sql");
  }

  @Test
  void otherContent_isAnotherHash_andSoIsAFileThatIsGone() throws IOException {
    String before = hash();
    Files.writeString(directory.resolve("down.sql"), "DROP TABLE messages");
    String changed = hash();
    Files.writeString(directory.resolve("down.sql"), "down.sql");

    assertThat(before).hasSize(64).isNotEqualTo(changed).isEqualTo(hash());

    Command command =
        new Command(List.of("psql"), directory, Map.of(), LIMIT, List.of(Path.of("gone.sql")));
    assertThat(ReadFiles.of(new CommandTarget(command, null, null, null, Map.of(), List.of())))
        .containsOnly(Map.entry(directory.resolve("gone.sql").toString(), "does not exist"));
  }

  /** What is at this path here says nothing of what is at it there. */
  @Test
  void ofACommandOnAHost_onlyTheFilesThatAreSentCount_andOfItsCheckBetweenAll() {
    Command there =
        new Command(
            List.of(directory.resolve("down.sql").toString()),
            null,
            Map.of(),
            LIMIT,
            List.of(directory.resolve("up.sql")));
    Command here = new Command(List.of("psql", "--file=down.sql"), directory, Map.of(), LIMIT);
    CommandTarget target =
        new CommandTarget(
            there, null, null, null, Map.of(), List.of(), List.of("web1", "web2"), 1, null);
    assertThat(names(target)).containsExactly("up.sql");
    assertThat(
            names(
                new CommandTarget(
                    there, null, null, null, Map.of(), List.of(), List.of("web1"), 1, here)))
        .containsExactly("down.sql", "up.sql");
  }

  private String hash() {
    return ReadFiles.of(target(List.of("psql", "--file=down.sql"), List.of()))
        .get(directory.resolve("down.sql").toString());
  }

  private List<String> names(String... arguments) {
    return names(List.of(arguments), List.of());
  }

  private List<String> names(List<String> arguments, List<Path> reads) {
    return names(target(arguments, reads));
  }

  private List<String> names(Target target) {
    return ReadFiles.of(target).keySet().stream()
        .map(file -> directory.relativize(Path.of(file)).toString())
        .toList();
  }

  private Target target(List<String> arguments, List<Path> reads) {
    return new CommandTarget(
        new Command(arguments, directory, Map.of(), LIMIT, reads),
        null,
        null,
        null,
        Map.of(),
        List.of());
  }
}
