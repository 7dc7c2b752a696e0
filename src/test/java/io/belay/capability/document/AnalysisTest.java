package io.belay.capability.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.capability.document.query.JavaScript;
import io.belay.playground.LegacyDocuments;
import io.belay.step.Verdict;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the analysis finds, and what keeps a migration from starting. */
class AnalysisTest {

  @TempDir Path directory;

  @Test
  void storeOfTheGuide_isReady_andCounted() throws Exception {
    DocumentWorld world = DocumentWorld.ofTheGuide(directory);
    Map<String, Long> alive = LegacyDocuments.write(world.target.legacy(), 2_000, 3);

    AnalyzeDocuments.Result result =
        world.context.run(new AnalyzeDocuments(), new AnalyzeDocuments.Input(DocumentWorld.NAME));

    assertThat(result.verdict()).isEqualTo(Verdict.PASS);
    assertThat(result.files()).isEqualTo(21);
    assertThat(result.documents())
        .isEqualTo(alive.values().stream().mapToLong(Long::longValue).sum());
    DocumentAnalysis analysis = world.analyze();
    assertThat(analysis.collections())
        .extracting(CollectionAnalysis::collection, CollectionAnalysis::documents)
        .containsExactlyElementsOf(
            world.target.collections().stream()
                .map(name -> org.assertj.core.groups.Tuple.tuple(name, alive.get(name)))
                .toList());
    CollectionAnalysis users = analysis.collections().get(4);
    assertThat(users.store()).isEqualTo("application.db");
    assertThat(users.indexes()).containsExactly("email (unique)");
    assertThat(users.deletions()).isPositive();
    assertThat(users.superseded()).isGreaterThan(users.deletions());
    assertThat(analysis.oldest()).isEqualTo(Instant.ofEpochMilli(1_700_000_000_000L));
    assertThat(analysis.newest()).isAfter(analysis.oldest());
    assertThat(analysis.spaceFree()).isPositive();
    assertThat(analysis.estimate()).isPositive();
    assertThat(world.context.artifacts().ofKind("document-analysis")).hasSize(1);
  }

  @Test
  void tornLastLine_isAWarning_andTheDocumentBeforeItSurvives() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    world.write("users", "{\"_id\":\"u1\",\"n\":1}");
    world.append("users", "{\"_id\":\"u1\",\"n\":2,\"te");

    DocumentAnalysis analysis = world.analyze();

    assertThat(analysis.ready()).isTrue();
    assertThat(analysis.unreadable())
        .containsExactly(
            new UnreadableLine("users.db", 2, "ends in the middle of a document", true));
    assertThat(analysis.warnings()).anyMatch(line -> line.startsWith("users.db ends with a torn"));
    world.snapshot();
    world.migrate();
    assertThat(world.applicationLines())
        .containsExactly("{\"_collection\":\"users\",\"_id\":\"u1\",\"n\":1}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"_id\":\"x\",\"secret\":tru}    | is no JSON from byte",
        "{\"_id\":\"x\",\"a\":1}{\"_id\":\"y\"} | goes on behind the document",
        "{\"_id\":\"x\",\"a\":             | ends in the middle of a document",
        "[1,2]                             | is no JSON object",
        "{\"a\":1}                         | has no _id",
        "{\"_id\":0,\"a\":1}               | has no _id",
        "{\"_id\":null}                    | has no _id",
        "{\"_id\":{\"a\":1}}               | has an _id that is neither text nor number",
        "{\"_id\":\"x\",\"$$date\":1}      | is a date and no document",
      })
  void lineThatCannotBeRead_isNamed_andNothingIsMigrated(String line, String reason)
      throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    world.write("users", "{\"_id\":\"u1\"}", line, "{\"_id\":\"u2\"}");

    DocumentAnalysis analysis = world.analyze();

    assertThat(analysis.ready()).isFalse();
    assertThat(analysis.reasons())
        .containsExactly("users.db has 1 lines that cannot be read, the first is line 2");
    assertThat(analysis.unreadable()).hasSize(1);
    assertThat(analysis.unreadable().get(0).reason()).startsWith(reason).doesNotContain("secret");
    world.snapshot();
    assertThatThrownBy(world::migrate)
        .hasMessageContaining("users.db line 2: " + reason)
        .hasMessageContaining("Nothing was put in place");
    assertThat(world.target.store()).isEmptyDirectory();
  }

  @Test
  void invalidUtf8_isNoJson() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    Files.write(
        world.target.legacyFile("users"),
        new byte[] {'{', '"', '_', 'i', 'd', '"', ':', '"', (byte) 0xff, '"', '}', '\n'});

    assertThat(world.analyze().unreadable().get(0).reason()).startsWith("is no JSON from byte");
  }

  @Test
  void missingFile_isAReason_unlessItMayBeMissing() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users", "events");
    Files.delete(world.target.legacyFile("events"));

    assertThat(world.analyze().missing()).containsExactly("events");
    assertThat(world.analyze().reasons()).containsExactly("events.db is missing");
    world.snapshot();
    assertThatThrownBy(world::migrate)
        .hasMessageContaining("events.db is missing; nothing was put in place");

    Files.writeString(world.target.legacy().resolve("events.db~"), "");
    assertThat(world.analyze().reasons().get(0)).contains("a compaction was interrupted");
  }

  @Test
  void extraAndEmptyFiles_areToldAndHarmless() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    Files.writeString(world.target.legacy().resolve("sessions.db"), "{\"_id\":\"s\"}\n");

    DocumentAnalysis analysis = world.analyze();

    assertThat(analysis.ready()).isTrue();
    assertThat(analysis.extra()).containsExactly("sessions.db");
    assertThat(analysis.warnings())
        .contains("files of no collection are not migrated: sessions.db");
    world.snapshot();
    world.migrate();
    assertThat(world.applicationLines()).isEmpty();
    assertThat(world.target.legacy().resolve("sessions.db")).exists();
  }

  @Test
  void hugeDocument_isMigratedWhole() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    String text = "é".repeat(8 << 20); // 16 MiB in UTF-8
    world.write("users", "{\"_id\":\"u1\",\"text\":\"" + text + "\"}", "{\"_id\":\"u2\"}");
    world.snapshot();

    world.migrate();

    assertThat(world.applicationLines())
        .hasSize(2)
        .first()
        .isEqualTo("{\"_collection\":\"users\",\"_id\":\"u1\",\"text\":\"" + text + "\"}");
  }

  @Test
  void keysAreTheLibrarys_numbersAndTextsMeet() throws Exception {
    DocumentWorld world = new DocumentWorld(directory, "users");
    world.write(
        "users",
        "{\"_id\":1,\"n\":1}",
        "{\"_id\":\"1\",\"n\":2}",
        "{\"_id\":1.0,\"n\":3}",
        "{\"_id\":\"1e21\"}",
        "{\"_id\":1e21}",
        "{\"\\u005fid\":\"e\",\"_id\":\"last\",\"a.b\":1}",
        "{\"_id\":0.1}",
        "{\"_id\":\"0.1\"}");

    assertThat(world.analyze().documents()).isEqualTo(1 + 5);
    assertThat(JavaScript.string(1e21)).isEqualTo("1e+21");
    assertThat(JavaScript.string(1.5e-7)).isEqualTo("1.5e-7");
    assertThat(JavaScript.string(-123456789012345680000.0)).isEqualTo("-123456789012345680000");
    assertThat(JavaScript.truthy("-0")).isNull();
    assertThat(JavaScript.truthy("0.0")).isNull();
    assertThat(JavaScript.truthy("100")).isEqualTo("100");
  }

  @Test
  void directoryThatIsNotThere_isSaid() throws IOException {
    DocumentWorld world = new DocumentWorld(directory, "users");
    Files.walk(world.target.legacy())
        .sorted(java.util.Comparator.reverseOrder())
        .forEach(path -> path.toFile().delete());

    assertThatThrownBy(world::analyze)
        .isInstanceOf(TargetException.class)
        .hasMessageEndingWith("legacy is no directory");
  }
}
