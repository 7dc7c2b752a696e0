package io.belay.capability.document;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.capability.document.QueryAdapter.Answer;
import io.belay.capability.document.query.Find;
import io.belay.capability.document.query.Query;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queries on real files, while they change. */
class QueryAdapterTest {

  @TempDir Path directory;
  private DocumentStoreTarget target;
  private QueryAdapter adapter;
  private long fence;

  static DocumentStoreTarget target(Path directory) {
    return new DocumentStoreTarget(
        directory,
        null,
        null,
        List.of("admin-users"),
        List.of("users", "events"),
        List.of("events"),
        List.of(),
        new DocumentStoreTarget.Administrators("admin-users", "level", "1"),
        List.of());
  }

  @BeforeEach
  void prepare() throws IOException {
    target = target(directory);
    adapter = new QueryAdapter(target);
    append(
        "users.db",
        "{'_id':'a','name':'Ann','age':30}",
        "{'_id':'b','name':'Bob','age':20}",
        "{'$$indexCreated':{'fieldName':'name'}}",
        "{'_id':'a','name':'Anna','age':31}",
        "{'_id':7,'name':'Seven','age':7}");
    append("admin-users.db", "{'_id':'root','level':1}");
  }

  private void append(String file, String... lines) throws IOException {
    Files.writeString(
        directory.resolve(file),
        String.join("\n", lines).replace('\'', '"') + "\n",
        CREATE,
        APPEND);
  }

  private void mode(QueryMode mode, boolean preferNew, boolean fallback) throws IOException {
    QuerySettings.of(target).set(mode, preferNew, fallback, ++fence, "test");
  }

  private void migrated() throws IOException {
    append("admin.db", "{'_collection':'admin-users','_id':'root','level':1}");
    append(
        "application.db",
        "{'_collection':'users','_id':'a','name':'Anna','age':31}",
        "{'_collection':'users','_id':'b','name':'Bob','age':20}",
        "{'_collection':'users','_id':7,'name':'Seven','age':7}",
        "{'_collection':'events','_id':'events/a','title':'Party','_legacy':{'_id':'a'}}");
  }

  private static List<String> names(List<ObjectNode> documents) {
    return documents.stream().map(one -> one.path("name").asText()).toList();
  }

  private Find find(String json) throws IOException {
    return Find.of(Json.MAPPER.readTree(json.replace('\'', '"')));
  }

  @Test
  void lastLineOfAnIdCounts_andTombstonesDo() throws IOException {
    assertThat(adapter.byId("users", "a").value().get(0).path("name").asText()).isEqualTo("Anna");
    assertThat(adapter.byId("users", "7").value()).hasSize(1);
    append("users.db", "{'$$deleted':true,'_id':'b'}");
    assertThat(adapter.byId("users", "b").value()).isEmpty();
    assertThat(adapter.count("users", Query.ALL).value()).isEqualTo(2);
    assertThat(names(adapter.find("users", find("{'sort':{'age':-1}}")).value()))
        .containsExactly("Anna", "Seven");
    assertThat(names(adapter.find("users", find("{'query':{'_id':{'$in':['b','a']}}}")).value()))
        .containsExactly("Anna");
  }

  @Test
  void unknownCollection_isRefused_byName() {
    assertThatThrownBy(() -> adapter.byId("nobody", "a"))
        .isInstanceOf(UnknownCollection.class)
        .hasMessageContaining("nobody")
        .hasMessageContaining("users");
  }

  @Test
  void documentsLookTheSameFromBothSides_alsoWhereAnIdHadToChange() throws IOException {
    append("events.db", "{'_id':'a','title':'Party'}");
    migrated();
    for (QueryMode mode : QueryMode.values()) {
      mode(mode, true, true);
      assertThat(adapter.byId("events", "a").value())
          .as(mode.text())
          .containsExactly(
              (ObjectNode) Json.MAPPER.readTree("{\"_id\":\"a\",\"title\":\"Party\"}"));
      assertThat(adapter.byId("events", "events/a").value()).isEmpty();
      assertThat(adapter.byId("users", "a").value()).hasSize(1);
      assertThat(adapter.find("users", find("{'query':{'age':{'$gt':10}}}")).value())
          .allMatch(document -> !document.has("_collection"))
          .hasSize(2);
      assertThat(adapter.count("events", Query.ALL).value()).isEqualTo(1);
    }
    append("application.db", "{'$$deleted':true,'_id':'events/a'}");
    mode(QueryMode.HYBRID, true, true);
    assertThat(adapter.byId("events", "a").value()).isEmpty();
    assertThat(adapter.count("events", Query.ALL).value()).isZero();
  }

  @Test
  void hybrid_fallsBackForWhatTheFirstDoesNotKnow_andOnlyForThat() throws IOException {
    migrated();
    append("users.db", "{'_id':'late','name':'Late','age':1}");
    append("application.db", "{'$$deleted':true,'_id':'b'}");
    mode(QueryMode.HYBRID, true, true);

    Answer<List<ObjectNode>> late = adapter.byId("users", "late");
    assertThat(late.value()).hasSize(1);
    assertThat(late.fellBack()).isTrue();
    assertThat(late.side()).isEqualTo(QuerySide.LEGACY);
    assertThat(adapter.byId("users", "b").value()).as("deleted in the new files").isEmpty();
    assertThat(names(adapter.find("users", find("{'query':{'age':1}}")).value()))
        .containsExactly("Late");
    assertThat(adapter.find("users", find("{'query':{'age':20}}")).value()).isEmpty();
    assertThat(adapter.byId("users", "a").fellBack()).isFalse();

    mode(QueryMode.HYBRID, true, false);
    assertThat(adapter.byId("users", "late").value()).isEmpty();
    mode(QueryMode.HYBRID, false, true);
    assertThat(adapter.byId("users", "late").side()).isEqualTo(QuerySide.LEGACY);
    mode(QueryMode.NEW, true, true);
    assertThat(adapter.byId("users", "late").value()).isEmpty();
  }

  @Test
  void hybrid_revivesNothing_whenACompactionHasRemovedTheTombstones() throws Exception {
    DocumentWorld world =
        new DocumentWorld(Files.createDirectory(directory.resolve("world")), "users", "events");
    world.write("users", "{\"_id\":\"a\"}", "{\"_id\":\"b\"}");
    world.write("events", "{\"_id\":\"e\"}");
    world.snapshot();
    world.migrate();
    QueryAdapter asked = new QueryAdapter(world.target);
    QuerySettings.of(world.target).set(QueryMode.HYBRID, true, true, 1, "test");
    replace(world.target.applicationFile(), "{\"_collection\":\"users\",\"_id\":\"a\"}");
    world.append("users", "{\"_id\":\"late\"}\n");

    assertThat(asked.byId("users", "b").value()).isEmpty();
    assertThat(asked.byId("events", "e").value()).isEmpty();
    assertThat(asked.count("events", Query.ALL).value()).isZero();
    assertThat(asked.byId("users", "a").value()).hasSize(1);
    assertThat(asked.byId("users", "late").fellBack()).isTrue();

    // The other way round: deleted in a legacy file that was compacted, still in the new one.
    QuerySettings.of(world.target).set(QueryMode.HYBRID, false, true, 2, "test");
    world.migrateAnew();
    replace(world.target.legacyFile("users"), "{\"_id\":\"b\"}");
    world.appendNew("{\"_collection\":\"users\",\"_id\":\"later\"}\n");
    assertThat(asked.byId("users", "a").value()).isEmpty();
    assertThat(asked.byId("users", "later").fellBack()).isTrue();
  }

  @Test
  void hybrid_fallsBack_whereTheFileHasLinesThatCannotBeRead() throws Exception {
    DocumentWorld world =
        new DocumentWorld(Files.createDirectory(directory.resolve("world")), "users");
    world.write("users", "{\"_id\":\"a\"}", "{\"_id\":\"b\"}");
    world.snapshot();
    world.migrate();
    QueryAdapter asked = new QueryAdapter(world.target);
    QuerySettings.of(world.target).set(QueryMode.HYBRID, true, true, 1, "test");
    replace(
        world.target.applicationFile(),
        "{\"_collection\":\"users\",\"_id\":\"a\"}",
        "{\"_collection\":\"users\",\"_i");

    assertThat(asked.byId("users", "b").fellBack()).isTrue();
  }

  /** As the library does when it compacts. */
  private static void replace(Path file, String... lines) throws IOException {
    Path other = file.resolveSibling(file.getFileName() + "~");
    Files.writeString(other, String.join("\n", lines) + "\n");
    Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void hybrid_asksWhereTheDataIs_collectionByCollection() throws IOException {
    mode(QueryMode.HYBRID, true, true);
    assertThat(adapter.byId("users", "a").side()).isEqualTo(QuerySide.LEGACY);
    append("admin.db", "{'_collection':'admin-users','_id':'root','level':1}");
    assertThat(adapter.byId("admin-users", "root").side()).isEqualTo(QuerySide.NEW);
    assertThat(adapter.byId("users", "a").side()).isEqualTo(QuerySide.LEGACY);
    migrated();
    assertThat(adapter.byId("users", "a").side()).isEqualTo(QuerySide.NEW);
  }

  @Test
  void missingFile_isAnErrorWhereItAloneAnswers_unlessItIsOptional() throws IOException {
    mode(QueryMode.NEW, true, true);
    assertThatThrownBy(() -> adapter.byId("users", "a")).isInstanceOf(NoSuchFileException.class);
    mode(QueryMode.LEGACY, true, true);
    assertThat(adapter.byId("events", "a").value()).isEmpty();
    Files.delete(directory.resolve("users.db"));
    assertThatThrownBy(() -> adapter.byId("users", "a")).isInstanceOf(NoSuchFileException.class);
    assertThat(adapter.statistics().totals().failed()).isEqualTo(2);
  }

  @Test
  void filesThatGrow_areCaughtUp_lineByLine_alsoATornOne() throws IOException {
    assertThat(adapter.count("users", Query.ALL).value()).isEqualTo(3);
    Path file = directory.resolve("users.db");
    Files.writeString(file, "{\"_id\":\"c\",\"na", APPEND);
    assertThat(adapter.count("users", Query.ALL).value()).isEqualTo(3);
    Files.writeString(file, "me\":\"Cy\"}", APPEND);
    assertThat(names(adapter.byId("users", "c").value())).containsExactly("Cy");
    Files.writeString(file, "\n{\"_id\":\"d\",\"name\":\"Di\"}\n", APPEND);
    assertThat(adapter.count("users", Query.ALL).value()).isEqualTo(5);
    for (int i = 0; i < 3000; i++) {
      append("users.db", "{'_id':'n%d','name':'N'}".formatted(i));
    }
    assertThat(adapter.count("users", Query.ALL).value()).isEqualTo(3005);
    assertThat(adapter.byId("users", "n2999").value()).hasSize(1);
    assertThat(names(adapter.byId("users", "a").value())).containsExactly("Anna");
  }

  @Test
  void filesThatAreReplaced_renamedOrOverwritten_areReadAnew() throws IOException {
    assertThat(adapter.byId("users", "a").value()).hasSize(1);
    Path other = directory.resolve("users.db~");
    Files.writeString(other, "{\"_id\":\"x\",\"name\":\"X\"}\n");
    Files.move(other, directory.resolve("users.db"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    assertThat(adapter.byId("users", "a").value()).isEmpty();
    assertThat(names(adapter.byId("users", "x").value())).containsExactly("X");

    Files.writeString(
        directory.resolve("users.db"),
        "{\"_id\":\"y\",\"name\":\"Y\",\"and\":\"longer than before, in the same file\"}\n");
    assertThat(adapter.byId("users", "x").value()).isEmpty();
    assertThat(names(adapter.byId("users", "y").value())).containsExactly("Y");
  }

  @Test
  void longAndManyDocuments_areReadFromDisk_inOrder() throws IOException {
    String big = "x".repeat(600_000);
    append("users.db", "{'_id':'big','name':'%s'}".formatted(big));
    append(
        "users.db",
        IntStream.range(0, 5000)
            .mapToObj(i -> "{'_id':'m%05d','n':%d,'name':'many'}".formatted(i, i))
            .toArray(String[]::new));
    assertThat(adapter.byId("users", "big").value().get(0).path("name").asText()).hasSize(600_000);
    List<ObjectNode> page =
        adapter
            .find("users", find("{'query':{'n':{'$gte':0}},'sort':{'n':-1},'skip':10,'limit':2}"))
            .value();
    assertThat(page).extracting(one -> one.path("n").asInt()).containsExactly(4989, 4988);
    assertThat(adapter.find("users", find("{'query':{'n':{'$lt':3}}}")).value())
        .extracting(one -> one.path("_id").asText())
        .containsExactly("m00000", "m00001", "m00002");
  }

  @Test
  void health_tellsWhatIsWrongWithWhichSide() throws IOException {
    assertThat(adapter.health(QuerySide.LEGACY).healthy()).isTrue();
    assertThat(adapter.health(QuerySide.LEGACY).documents()).isEqualTo(4);
    assertThat(adapter.health(QuerySide.NEW).problems())
        .containsExactly("admin.db is missing", "application.db is missing");
    append("admin-users.db", "{'_id':");
    assertThat(adapter.health(QuerySide.LEGACY).problems())
        .singleElement()
        .asString()
        .contains("admin-users.db", "tenth");
    Files.delete(directory.resolve("users.db"));
    assertThat(adapter.health(QuerySide.LEGACY).problems()).contains("users.db is missing");
  }

  @Test
  void statistics_areKeptByModeSideAndCollection() throws IOException {
    migrated();
    append("users.db", "{'_id':'late','name':'Late'}");
    adapter.byId("users", "a");
    adapter.byId("users", "nobody");
    mode(QueryMode.HYBRID, true, true);
    adapter.byId("users", "late");
    adapter.byId("users", "nobody");
    var totals = adapter.statistics().totals();
    assertThat(totals).isEqualTo(new QueryStatistics.Totals(4, 0, 1, 4, 2));
    assertThat(adapter.statistics().rows())
        .extracting(
            row ->
                row.mode()
                    + " "
                    + row.side()
                    + " "
                    + row.calls()
                    + " "
                    + row.fallbacks()
                    + " "
                    + row.misses())
        .containsExactly("LEGACY LEGACY 2 0 1", "HYBRID LEGACY 2 1 1", "HYBRID NEW 2 0 2");
    assertThat(adapter.statistics().rows()).allMatch(row -> row.p99Ms() >= row.p50Ms());
  }

  @Test
  void setting_isDurable_seenByAll_andKeptFromLateWriters() throws IOException {
    QuerySettings here = QuerySettings.of(target);
    QuerySettings elsewhere = QuerySettings.of(target);
    assertThat(elsewhere.current()).isEqualTo(QuerySetting.INITIAL);
    here.set(QueryMode.HYBRID, true, false, 10, "run one");
    assertThat(elsewhere.current().mode()).isEqualTo(QueryMode.HYBRID);
    assertThat(elsewhere.current().fallback()).isFalse();
    assertThatThrownBy(() -> elsewhere.set(QueryMode.NEW, true, true, 9, "late"))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("hybrid")
        .hasMessageContaining("run one");
    assertThat(here.current().mode()).isEqualTo(QueryMode.HYBRID);
    Files.writeString(target.state().resolve("mode.json"), "{\"mode\":");
    assertThatThrownBy(here::current).isInstanceOf(TargetException.class);
    Files.delete(target.state().resolve("mode.json"));
    assertThat(here.current()).isEqualTo(QuerySetting.INITIAL);
  }

  @Test
  void restoredMode_doesNotLetALateWriterIn() throws IOException {
    QuerySettings settings = QuerySettings.of(target);
    settings.set(QueryMode.LEGACY, true, true, 3, "run one");
    byte[] old = Files.readAllBytes(target.state().resolve("mode.json"));
    settings.set(QueryMode.NEW, true, true, 10, "run two");

    assertThatThrownBy(() -> settings.beginRestore(9)).isInstanceOf(TargetException.class);
    settings.beginRestore(12);
    Files.write(target.state().resolve("mode.json"), old);

    assertThat(settings.current().fence()).isEqualTo(3);
    assertThatThrownBy(() -> settings.set(QueryMode.NEW, true, true, 10, "late"))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("restored under a later lease (12)");
    assertThat(settings.current().mode()).isEqualTo(QueryMode.LEGACY);
    settings.set(QueryMode.HYBRID, true, true, 12, "run three");
    assertThat(settings.current().mode()).isEqualTo(QueryMode.HYBRID);
  }
}
