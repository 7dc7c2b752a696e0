package io.belay.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DocumentFilesTest {

  @TempDir private Path world;
  private DocumentFiles files;
  private DocumentFaults faults;
  private Map<String, String> before;

  @BeforeEach
  void create() throws IOException {
    files = new DocumentFiles(world, 500);
    faults = new DocumentFaults(files);
    before = facts();
  }

  @Test
  void storeBegins_withThe21LegacyFiles_andLegacyQueries() {
    assertThat(before.keySet()).filteredOn(fact -> fact.startsWith("document file ")).hasSize(21);
    assertThat(before.get("document queries")).startsWith("legacy");
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.Kind.class,
      names = {"UNREADABLE_DOCUMENTS", "PLAIN_PASSWORD"})
  void faultInALegacyFile_isSeen_andRepaired(Fault.Kind fault) throws Exception {
    faults.cause(fault);
    assertThat(facts()).isNotEqualTo(before);
    faults.repair();
    assertThat(facts()).isEqualTo(before);
  }

  @Test
  void writer_goesOnUntilTheRepair() throws Exception {
    Path users = files.directory().resolve("users.db");
    long size = Files.size(users);
    faults.cause(Fault.Kind.CHANGING_DOCUMENTS);
    await().until(() -> Files.size(users) > size);
    long grown = Files.size(users);
    await().until(() -> Files.size(users) > grown);
    faults.repair();
    assertThat(facts()).isEqualTo(before);
  }

  @Test
  void brokenStore_needsAStore_andIsLeftToTheRun() throws Exception {
    assertThatThrownBy(() -> faults.cause(Fault.Kind.BROKEN_STORE))
        .hasMessageContaining("application.db");
    Path store = files.directory().resolve("application.db");
    Files.writeString(store, "{\"_id\":\"a\"}\n".repeat(30));
    faults.cause(Fault.Kind.BROKEN_STORE);

    assertThat(Files.readAllBytes(store)).contains(0);
    faults.repair();
    assertThat(Files.readAllBytes(store)).contains(0);
  }

  @Test
  void reset_takesAwayWhatCame_andGivesBackWhatWent() throws Exception {
    Files.writeString(files.directory().resolve("admin.db"), "new");
    Files.delete(files.directory().resolve("users.db"));
    Files.createDirectories(files.directory().resolve(".belay/migration"));
    Files.writeString(files.directory().resolve(".belay/mode.json"), "{\"mode\":\"new\"}");
    Files.writeString(files.directory().resolve(".belay/migration/part"), "unfinished");
    assertThat(facts()).containsKey("document file .belay/migration/part");
    assertThat(facts().get("document queries")).startsWith("new");

    files.reset();
    assertThat(facts()).isEqualTo(before);
    assertThat(files.directory().resolve(".belay")).doesNotExist();
  }

  @Test
  void modeThatWasSetAndSetBack_isNoDifference() throws Exception {
    Files.createDirectories(files.directory().resolve(".belay"));
    Files.writeString(
        files.directory().resolve(".belay/mode.json"),
        "{\"mode\":\"LEGACY\",\"preferNew\":true,\"fallback\":true,\"fence\":7}");
    assertThat(facts()).isEqualTo(before);
  }

  private Map<String, String> facts() throws IOException {
    Map<String, String> facts = new TreeMap<>();
    files.describe(facts);
    return facts;
  }
}
