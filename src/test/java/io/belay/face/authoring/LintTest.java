package io.belay.face.authoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory with one runbook of one's own, that uses the shared parts. */
class LintTest {

  private static final String RUNBOOK = "document-snapshot";

  @TempDir Path directory;

  private record Said(int exit, String text) {}

  @BeforeEach
  void write() throws IOException {
    for (String file : new String[] {"runbooks/%s.bpmn", "forms/start-%s.form"}) {
      Path delivered = Path.of("processes", file.formatted(RUNBOOK));
      Files.copy(delivered, directory.resolve(delivered.getFileName()));
    }
  }

  @Test
  void runbook_passesTogetherWithTheSharedParts() {
    Said lint = say("lint", directory.toString());
    assertThat(lint.exit()).as(lint.text()).isZero();
    assertThat(lint.text()).contains("2 own models and ").contains("nothing found");
  }

  @Test
  void finding_isToldByFileElementAndRule() throws IOException {
    Path model = directory.resolve(RUNBOOK + ".bpmn");
    Files.writeString(
        model,
        Files.readString(model).replace("calledElement=\"backup\"", "calledElement=\"lost\""));
    Said lint = say("lint", directory.toString());
    assertThat(lint.exit()).isEqualTo(1);
    assertThat(lint.text())
        .contains("runbooks/document-snapshot.bpmn: Phase_DocumentBackup: calls 'lost'")
        .contains("findings: ");
  }

  @Test
  void wrongCommandLine_isRefused(@TempDir Path empty) {
    assertThat(say("lint").exit()).isEqualTo(2);
    assertThat(say("lint", empty + "/none").text()).contains("is no directory");
    assertThat(say("lint", empty.toString()).text()).contains("has no model");
    assertThat(say("lint", "--strict").exit()).isEqualTo(2);
    assertThat(say("nonsense").exit()).isEqualTo(2);
    assertThat(say().exit()).isEqualTo(2);
    assertThat(say("help").exit()).isZero();
  }

  private static Said say(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int exit = Authoring.run(new PrintStream(out, true, StandardCharsets.UTF_8), arguments);
    return new Said(exit, out.toString(StandardCharsets.UTF_8));
  }
}
