package io.belay.face.authoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code new} writes can be linted and run at once. */
class ScaffoldTest {

  @TempDir Path directory;

  private record Said(int exit, String text) {}

  @ParameterizedTest
  @ValueSource(strings = {"hello", "certificate"})
  void example_passesTheLint(String name) {
    Said lint = say("lint", "examples/" + name);
    assertThat(lint.exit()).as(lint.text()).isZero();
    assertThat(lint.text()).contains("nothing found");
  }

  @Test
  void newRunbook_passesTheLint_underItsOwnName() throws IOException {
    assertThat(say("new", "runbook", "move-orders", "--in=" + directory).exit()).isZero();

    Path runbook = directory.resolve("move-orders");
    Said lint = say("lint", runbook.toString());
    assertThat(lint.exit()).as(lint.text()).isZero();
    assertThat(runbook.resolve("move-orders.bpmn")).content().contains("id=\"move-orders\"");
    assertThat(runbook.resolve("environments/move-orders.yml"))
        .content()
        .contains("directory: " + runbook);
    try (Stream<Path> files = Files.walk(runbook)) {
      assertThat(files.filter(Files::isRegularFile))
          .allSatisfy(file -> assertThat(file).content().doesNotContainIgnoringCase("hello"));
    }
  }

  @Test
  void newPhase_passesTheLint_inTheRunbookThatCallsIt() throws IOException {
    say("new", "runbook", "move-orders", "--in=" + directory);
    Path runbook = directory.resolve("move-orders");
    assertThat(say("new", "phase", "stop-queue", "--in=" + runbook).exit()).isZero();
    Path model = runbook.resolve("move-orders.bpmn");
    Files.writeString(model, Files.readString(model).replace("change-by-command", "stop-queue"));
    Said lint = say("lint", runbook.toString());
    assertThat(lint.exit()).as(lint.text()).isZero();
  }

  @Test
  void whatIsThere_isNotWrittenOver() throws IOException {
    say("new", "runbook", "shop", "--in=" + directory);
    Path model = directory.resolve("shop/shop.bpmn");
    Files.writeString(model, "mine");
    Said again = say("new", "runbook", "shop", "--in=" + directory);
    assertThat(again.exit()).isEqualTo(1);
    assertThat(again.text()).contains("is there already");
    assertThat(model).content().isEqualTo("mine");
  }

  @Test
  void wrongCommandLine_isRefusedBeforeAnythingIsDone() {
    assertThat(say("new", "runbook").exit()).isEqualTo(2);
    assertThat(say("new", "runbook", "Shop").text()).contains("kebab-case");
    assertThat(say("new", "runbook", "../shop").exit()).isEqualTo(2);
    assertThat(say("new", "table", "shop", "--in=" + directory).exit()).isEqualTo(2);
    assertThat(say("new", "phase", "shop", "--out=x").text()).contains("unknown option");
    assertThat(say("help").text()).contains("new runbook <name>");
    assertThat(directory).isEmptyDirectory();
  }

  private static Said say(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int exit = Authoring.run(new PrintStream(out, true, StandardCharsets.UTF_8), arguments);
    return new Said(exit, out.toString(StandardCharsets.UTF_8));
  }
}
