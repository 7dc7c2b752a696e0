package io.belay.capability.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.capability.document.query.Find;
import io.belay.step.BusinessStop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that are not quite what the library writes: what the plan says of them, the migration and
 * the validation say, too.
 */
class OddFilesTest {

  private static final Path CASES = Path.of("src/test/resources/documents/cases");

  @TempDir Path directory;
  private DocumentWorld world;

  @BeforeEach
  void create() throws Exception {
    world = new DocumentWorld(directory, "users");
  }

  private void take(String name) throws IOException {
    try (var files = Files.list(CASES.resolve(name))) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            world.target.legacy().resolve(file.getFileName()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private void write(byte[] users) throws IOException {
    Files.write(world.target.legacyFile("users"), users);
  }

  private List<String> reasons() throws IOException {
    return world.analyze().reasons();
  }

  private void assertRefused() throws Exception {
    assertThat(world.analyze().ready()).isFalse();
    world.snapshot();
    assertThatThrownBy(world::migrate)
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("users.db");
    assertThat(world.target.applicationFile()).doesNotExist();
  }

  private void assertMigrates(int documents) throws Exception {
    assertThat(reasons()).isEmpty();
    world.snapshot();
    assertThat(world.migrate().documents()).isEqualTo(documents + 1L);
    ValidationReport report = world.validate();
    assertThat(report.criticalIssues()).isEmpty();
    QueryAdapter queries = new QueryAdapter(world.target);
    for (QueryMode mode : QueryMode.values()) {
      QuerySettings.of(world.target).set(mode, true, true, 0, "test");
      assertThat(queries.find("users", Find.of(Json.MAPPER.createObjectNode())).value())
          .as(mode.text())
          .hasSize(documents);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "06b-cr-only | users.db has 1 lines that cannot be read, the first is line 1",
        "r7b-json-array-one-line | users.db has 1 lines that cannot be read, the first is line 1",
        "21b-nul-then-line | users.db has 1 lines that cannot be read, the first is line 2",
        "11b-cesu8 | users.db has 1 lines that cannot be read, the first is line 1",
        "r1-empty-file-full-tilde | users.db is empty and users.db~ is there: a compaction was interrupted, and the documents may be in users.db~; look at both, then rename the right one"
      })
  void fileThatIsNoStoreOfDocuments_isForAPersonToDecide(String name, String reason)
      throws Exception {
    take(name);
    assertThat(reasons()).containsExactly(reason);
    if (!name.startsWith("r1")) {
      assertRefused();
    }
  }

  @Test
  void windowsLineEndsAndBlankLines_areReadTheSameEverywhere() throws Exception {
    take("06-crlf");
    assertMigrates(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"_id\":\"u2\",\"na",
        "{\"_id\":\"u2\",\"a\":tr",
        "{",
        "{\"a\":\"größ",
        "{\"a\":12"
      })
  void beginningOfADocument_behindReadableLines_isTorn(String torn) throws Exception {
    world.write("users", "{\"_id\":\"u1\"}");
    world.append("users", torn);
    assertThat(world.analyze().warnings())
        .anyMatch(
            line ->
                line.contains(
                    "users.db ends with a torn line (its last %d bytes)"
                        .formatted(torn.getBytes(StandardCharsets.UTF_8).length)));
    assertMigrates(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"_id\":\"u2\"}{\"_id\":\"u3\"}",
        "[{\"_id\":\"u2\"}]",
        "U2FsdGVkX1+x",
        "{\"a\":trust"
      })
  void anythingElseAtTheEnd_isNotTorn(String end) throws Exception {
    world.write("users", "{\"_id\":\"u1\"}");
    world.append("users", end);
    assertRefused();
  }

  @Test
  void beginningOfADocument_withNothingReadableBeforeIt_isNotTorn() throws Exception {
    write("{\"_id\":\"u1\",\"na".getBytes(StandardCharsets.UTF_8));
    assertRefused();
  }

  @Test
  void characterThatIsCutInTheMiddle_isTorn() throws Exception {
    byte[] whole = "{\"_id\":\"u1\"}\n{\"_id\":\"ü".getBytes(StandardCharsets.UTF_8);
    write(java.util.Arrays.copyOf(whole, whole.length - 1));
    assertMigrates(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "ISO-8859-1"})
  void otherEncodings_areRefused(String encoding) throws Exception {
    write("{\"_id\":\"grün\"}\n{\"_id\":\"b\"}\n".getBytes(encoding));
    assertRefused();
  }

  @Test
  void idsThatLookLikeMadeUpOnes_areKeptApart() throws Exception {
    world = new DocumentWorld(directory, "a", "bookings");
    take("17-slash-ids");
    assertThat(reasons()).isEmpty();
    world.snapshot();
    world.migrate();

    assertThat(world.applicationLines())
        .filteredOn(line -> line.contains("\"bookings\""))
        .containsExactly(
            "{\"_collection\":\"bookings\",\"_id\":\"bookings//x\",\"_legacy\":{\"_id\":\"x\"}}",
            "{\"_collection\":\"bookings\",\"_id\":\"bookings///x\",\"_legacy\":{\"_id\":\"/x\"}}");
    assertThat(world.validate().criticalIssues()).isEmpty();
    QueryAdapter queries = new QueryAdapter(world.target);
    QuerySettings.of(world.target).set(QueryMode.NEW, true, true, 0, "test");
    for (String id : List.of("x", "/x")) {
      assertThat(queries.byId("bookings", id).value()).hasSize(1);
    }
    assertThat(queries.byId("a", "bookings/x").value()).hasSize(1);
  }

  @Test
  void numbersAsIds_areFoundByEachWayToWriteThem() throws Exception {
    Files.copy(
        CASES.resolve("query-exponent-id.db"),
        world.target.legacyFile("users"),
        StandardCopyOption.REPLACE_EXISTING);
    world.snapshot();
    world.migrate();
    QueryAdapter queries = new QueryAdapter(world.target);
    for (QueryMode mode : QueryMode.values()) {
      QuerySettings.of(world.target).set(mode, true, true, 0, "test");
      for (String id : List.of("1e-7", "1e21", "1e+21")) {
        assertThat(queries.byId("users", id).value()).as("%s in %s", id, mode).hasSize(1);
      }
      for (String id : List.of("1e-7", "0.0000001", "1E21", "1000000000000000000000")) {
        Find find = Find.of(Json.MAPPER.readTree("{\"query\":{\"_id\":%s}}".formatted(id)));
        assertThat(queries.find("users", find).value()).as("%s in %s", id, mode).hasSize(1);
      }
    }
  }

  @Test
  void byteOrderMark_isNamed() throws Exception {
    write("\uFEFF{\"_id\":\"a\"}\n".getBytes(StandardCharsets.UTF_8));
    assertThat(world.analyze().unreadable())
        .singleElement()
        .asString()
        .contains("users.db line 1", "byte order mark");
    assertRefused();
  }
}
