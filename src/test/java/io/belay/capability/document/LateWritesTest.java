package io.belay.capability.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.step.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Applications that write to legacy files after their documents were moved. */
class LateWritesTest {

  private static final String INDEX = "{\"$$indexCreated\":{\"fieldName\":\"name\"}}";

  @TempDir Path directory;
  private DocumentWorld world;
  private Path users;

  @BeforeEach
  void migrated() throws Exception {
    world = new DocumentWorld(directory, "users", "events");
    world.write(
        "users",
        "{\"_id\":\"u1\",\"name\":\"Ada\"}",
        "{\"_id\":\"u2\",\"n\":2}",
        "{\"_id\":\"u2\",\"n\":3}");
    world.write("events", "{\"_id\":\"e1\"}", "{\"_id\":\"e2\"}");
    world.snapshot();
    world.migrate();
    users = world.target.legacyFile("users");
    assertThat(late()).isEmpty();
  }

  /** As status has it, and as a gate has it. */
  private List<String> late() throws IOException {
    List<String> status = new QueryAdapter(world.target).lateWrites();
    assertThat(LateWrites.find(world.target, true, offset -> {}))
        .extracting(LateWrites.LateWrite::toString)
        .isEqualTo(status);
    return status;
  }

  private MeasureQueries.Result measure() throws Exception {
    return world.context.run(
        new MeasureQueries(new QueryAdapters()),
        new MeasureQueries.Input(DocumentWorld.NAME, Duration.ofMillis(200), Duration.ofMillis(2)));
  }

  @Test
  void appendedDocument_isFoundByTheNextMeasurement_withItsName() throws Exception {
    assertThat(measure().lateWrites()).isZero();
    world.append("users", "{\"_id\":\"u1\",\"name\":\"Eve\"}\n");
    world.append("events", "{\"$$deleted\":true,\"_id\":\"e1\"}\n{\"_id\":\"e9\"}\n");

    MeasureQueries.Result result = measure();

    assertThat(result.complete()).as(result.missing()).isTrue();
    assertThat(result.lateWrites()).isEqualTo(2);
    assertThat(result.lateWrite())
        .contains("users.db was written to at")
        .contains("after its documents were moved: u1;")
        .contains("events.db was written to at")
        .endsWith("after its documents were moved: e1, e9");
    assertThat(late()).hasSize(2);
  }

  @Test
  void documentsOfAFileThatWasRewritten_areNamed() throws Exception {
    world.write("users", "{\"n\":3,\"_id\":\"u2\"}", "{\"_id\":\"u1\",\"name\":\"Eve\"}");
    assertThat(late()).singleElement().asString().endsWith("were moved: u1");

    world.write("users", "{\"_id\":\"u2\",\"n\":3}");
    world.write("events", "{\"_id\":\"e1\"}", "{\"_id\":\"e3\"}");
    assertThat(late())
        .satisfiesExactlyInAnyOrder(
            first -> assertThat(first).startsWith("users.db").endsWith("were moved: u1"),
            second -> assertThat(second).startsWith("events.db").contains("e2", "e3"));
  }

  @Test
  void fileThatTheLibraryCompacted_isNoLateWrite() throws Exception {
    Path compacted = users.resolveSibling("users.db~");
    Files.writeString(
        compacted, "{\"_id\":\"u1\",\"name\":\"Ada\"}\n{\"_id\":\"u2\",\"n\":3}\n" + INDEX + "\n");
    Files.move(compacted, users, StandardCopyOption.REPLACE_EXISTING);
    world.append("events", INDEX + "\n");

    assertThat(late()).isEmpty();
    assertThat(measure().lateWrites()).isZero();
  }

  @Test
  void fileThatAppearedLater_isALateWrite_andOneThatIsGoneIsNone() throws Exception {
    Files.delete(users);
    assertThat(late()).isEmpty();
    Files.writeString(users, "{\"_id\":\"u7\"}\n{\"_id\":\"u8\"}\n");
    assertThat(late()).singleElement().asString().contains("u7").contains("u8");
  }

  @Test
  void writeThatKeptSizeAndTime_isFoundByTheGate() throws Exception {
    FileTime time = Files.getLastModifiedTime(users);
    Files.writeString(
        users, Files.readString(users).replace("Ada", "Eve"), StandardOpenOption.TRUNCATE_EXISTING);
    Files.setLastModifiedTime(users, time);

    assertThat(new QueryAdapter(world.target).lateWrites()).isEmpty();
    assertThat(measure().lateWrite()).contains("users.db", "u1");
  }

  @Test
  void lineThatIsNotFinished_isSaidToBeUnreadable() throws Exception {
    world.append("users", "{\"_id\":\"u5\",\"na");
    assertThat(late()).singleElement().asString().contains("a line at byte").contains("users.db");
  }

  @Test
  void validation_namesTheLegacyFile_firstOfAll() throws Exception {
    world.append("users", "{\"_id\":\"u1\",\"name\":\"Eve\"}\n");

    ValidateDocuments.Result result =
        world.context.run(
            new ValidateDocuments(), new ValidateDocuments.Input(DocumentWorld.NAME, 1000));

    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason()).startsWith("users.db was written to at").contains("were moved: u1");
    assertThat(world.validate().recommendations())
        .anyMatch(advice -> advice.startsWith("Find the application that still writes"));
  }

  @Test
  void legacyFileThatCannotBeRead_makesTheMeasurementIncomplete() throws Exception {
    Files.delete(users);
    Files.createDirectory(users);

    MeasureQueries.Result result = measure();

    assertThat(result.lateWrites()).isNull();
    assertThat(result.complete()).isFalse();
    assertThat(result.missing()).contains("lateWrites");
  }
}
