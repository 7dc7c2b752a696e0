package io.belay.capability.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.artifact.Artifact;
import io.belay.artifact.ArtifactSettings;
import io.belay.artifact.FileArtifactStore;
import io.belay.playground.LegacyDocuments;
import io.belay.step.Verdict;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots of document stores: taken, verified, listed, restored. */
class SnapshotTest {

  private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);

  @TempDir Path directory;
  private DocumentWorld world;
  private Map<String, String> before;

  @BeforeEach
  void legacyFiles() throws IOException {
    world = DocumentWorld.ofTheGuide(directory);
    LegacyDocuments.write(world.target.legacy(), 2_000, 3);
    Files.writeString(world.target.adminFile(), "{\"_id\":\"older\"}\n");
    Files.setPosixFilePermissions(
        world.target.legacyFile("users"), PosixFilePermissions.fromString("rw-r-----"));
    before = world.content();
  }

  private int restore(String snapshot) throws Exception {
    return world
        .context
        .run(
            new RestoreDocumentSnapshot(),
            new RestoreDocumentSnapshot.Input(DocumentWorld.NAME, snapshot))
        .restored();
  }

  private Verdict verify(String snapshot) throws Exception {
    return verification(snapshot).verdict();
  }

  private VerifyDocumentSnapshot.Result verification(String snapshot) throws Exception {
    return world.context.run(
        new VerifyDocumentSnapshot(),
        new VerifyDocumentSnapshot.Input(List.of(DocumentWorld.NAME), snapshot));
  }

  @Test
  void allFiles_comeBackByteForByte_andThoseThatWereNotThereGo() throws Exception {
    String id = world.snapshot().snapshot();
    Files.delete(world.target.legacyFile("events"));
    world.append("users", "{\"_id\":\"new\"}\n");
    Files.writeString(world.target.adminFile(), "");
    Files.writeString(world.target.applicationFile(), "{\"_id\":\"new\"}\n");
    Files.setPosixFilePermissions(
        world.target.legacyFile("users"), PosixFilePermissions.fromString("rw-rw-rw-"));
    Files.createDirectories(world.target.state());
    Files.writeString(new MigrationFiles(world.target).mode(), "{}");

    assertThat(restore(id)).isEqualTo(5);

    assertThat(world.content()).isEqualTo(before);
    assertThat(FileOwner.of(world.target.legacyFile("users")).mode()).isEqualTo("rw-r-----");
    assertThat(world.target.state()).isEmptyDirectory();
    assertThat(restore(id)).isZero();
  }

  @Test
  void result_saysHowMuchItIs_andTheListSaysSoToo() throws Exception {
    TakeDocumentSnapshot.Result result = world.snapshot();

    assertThat(result.files()).isEqualTo(22);
    assertThat(result.bytes()).isEqualTo(before.values().stream().mapToLong(String::length).sum());
    DocumentSnapshots snapshots = new DocumentSnapshots(world.context.artifacts());
    assertThat(snapshots.list(world.target))
        .singleElement()
        .satisfies(
            snapshot -> {
              assertThat(snapshot.id()).isEqualTo(result.snapshot());
              assertThat(snapshot.verified()).isTrue();
              assertThat(snapshot.bytes()).isEqualTo(result.bytes());
              assertThat(snapshot.size()).isBetween(1L, result.bytes());
            });
    DocumentWorld other = DocumentWorld.ofTheGuide(directory.resolve("other"));
    assertThat(snapshots.list(other.target)).isEmpty();
  }

  @Test
  void newest_isTheOneOfAnEarlierRun_soThatARestoreCanKeepThePresentFirst() throws Exception {
    String first = world.snapshot().snapshot();
    world.context.runId("run-2");
    world.append("users", "{\"_id\":\"new\"}\n");
    Map<String, String> present = world.content();
    world.snapshot();

    RestoreDocumentSnapshot.Result result =
        world.context.run(
            new RestoreDocumentSnapshot(),
            new RestoreDocumentSnapshot.Input(DocumentWorld.NAME, "newest"));

    assertThat(result.snapshot()).isEqualTo(first);
    assertThat(world.content()).isEqualTo(before);

    RevertDocumentRestore.Input input = new RevertDocumentRestore.Input(DocumentWorld.NAME);
    assertThat(world.context.run(new RevertDocumentRestore(), input).restored()).isEqualTo(1);
    assertThat(world.content()).isEqualTo(present);
    assertThat(world.context.run(new RevertDocumentRestore(), input).restored()).isZero();
  }

  @Test
  void writesAfterTheRunsOwnSnapshot_areKept_byTheRestoreAndByItsUndo() throws Exception {
    String first = world.snapshot().snapshot();
    world.context.runId("run-2");
    world.snapshot();
    world.append("users", "{\"_id\":\"before the restore\"}\n");
    restore(first);
    assertThat(kept()).singleElement().asString().contains("before the restore");

    world.append("events", "{\"_id\":\"after the restore\"}\n");
    RevertDocumentRestore.Input input = new RevertDocumentRestore.Input(DocumentWorld.NAME);
    world.context.run(new RevertDocumentRestore(), input);

    assertThat(world.content()).isEqualTo(before);
    assertThat(kept())
        .hasSize(2)
        .anySatisfy(text -> assertThat(text).contains("after the restore"));
  }

  private List<String> kept() throws Exception {
    List<String> texts = new ArrayList<>();
    for (Artifact copy : world.context.artifacts().ofKind(SnapshotRestore.KEPT_KIND)) {
      try (var in = world.context.artifacts().open(copy)) {
        texts.add(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return texts;
  }

  @Test
  void withoutARestore_itsUndoDoesNothing() throws Exception {
    RevertDocumentRestore.Input input = new RevertDocumentRestore.Input(DocumentWorld.NAME);

    assertThat(world.context.run(new RevertDocumentRestore(), input).restored()).isZero();
  }

  @Test
  void unknownSnapshot_changesNothing_andNamesWhatThereIs() throws Exception {
    String id = world.snapshot().snapshot();

    assertThatThrownBy(() -> restore("run-9/none"))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("there is no snapshot 'run-9/none'")
        .hasMessageContaining("nothing was changed")
        .hasMessageContaining(id);
    assertThatThrownBy(() -> restore(""))
        .hasMessageContaining("there is no verified snapshot")
        .hasMessageContaining("from another run");
    assertThat(verify("run-9/none")).isEqualTo(Verdict.NO_DATA);
  }

  @Test
  void tamperedSnapshot_isRefused_andNothingIsChanged() throws Exception {
    String id = world.snapshot().snapshot();
    damage(id);
    world.append("users", "{\"_id\":\"new\"}\n");
    Map<String, String> present = world.content();

    assertThat(verification(id).verdict()).isEqualTo(Verdict.FAIL);
    assertThat(verification(id).reason()).contains("the snapshot " + id + " cannot be relied on");
    assertThatThrownBy(() -> restore(id))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("the snapshot " + id + " cannot be relied on");
    assertThat(world.content()).isEqualTo(present);
  }

  private void damage(String id) throws IOException {
    Artifact artifact = world.context.artifacts().find(id).orElseThrow();
    try (RandomAccessFile file =
        new RandomAccessFile(world.context.artifacts().path(artifact).toFile(), "rw")) {
      file.seek(file.length() / 2);
      int was = file.read();
      file.seek(file.length() / 2);
      file.write(was ^ 1);
    }
  }

  @Test
  void encryptedSnapshot_comesBack_isFoundTampered_andNeedsItsKey() throws Exception {
    Path artifacts = directory.resolve("artifacts");
    world.artifacts(new FileArtifactStore(new ArtifactSettings(artifacts, Secret.of(KEY))));
    String id = world.snapshot().snapshot();
    world.append("users", "{\"_id\":\"new\"}\n");
    assertThat(restore(id)).isEqualTo(1);
    assertThat(world.content()).isEqualTo(before);

    Map<String, String> present = world.content();
    world.artifacts(new FileArtifactStore(new ArtifactSettings(artifacts, Secret.none())));
    assertThatThrownBy(() -> restore(id))
        .hasMessageContaining("is encrypted, and no belay.artifacts.key is configured");
    assertThat(world.content()).isEqualTo(present);

    world.artifacts(new FileArtifactStore(new ArtifactSettings(artifacts, Secret.of(KEY))));
    damage(id);
    assertThatThrownBy(() -> restore(id))
        .hasMessageContaining("cannot be decrypted: its file is damaged");
    assertThat(world.content()).isEqualTo(present);
  }

  @Test
  void fileThatCannotBeWritten_isSaid_andTheOthersStayAsTheyAre() throws Exception {
    String id = world.snapshot().snapshot();
    world.append("users", "{\"_id\":\"new\"}\n");
    world.append("events", "{\"_id\":\"new\"}\n");
    Map<String, String> present = world.content();
    Path inTheWay = world.target.legacy().resolve(".users.db.belay-restore");
    Files.createDirectory(inTheWay);
    Files.writeString(inTheWay.resolve("x"), "");

    assertThatThrownBy(() -> restore(id)).isInstanceOf(IOException.class);
    assertThat(world.content()).isEqualTo(present);
  }

  @Test
  void restoreThatWasBegun_keepsAMigrationFromStarting() throws Exception {
    world.snapshot();
    MigrationFiles files = new MigrationFiles(world.target);
    files.write(new MigrationFiles.Restoring("run-1/x", "run-1"));

    assertThat(world.analyze().reasons())
        .contains("the restore of snapshot run-1/x was begun and is not finished");
    assertThatThrownBy(world::migrate)
        .hasMessageContaining("the restore of snapshot run-1/x was begun and is not finished");
  }

  @Test
  void storeThatIsGone_givesNoSnapshot() throws Exception {
    Path legacy = world.target.legacy();
    Path away = Files.move(legacy, legacy.resolveSibling("away"));

    assertThatThrownBy(world::snapshot)
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("no directory " + legacy)
        .hasMessageContaining("mounted");
    Files.move(away, legacy);
  }

  @Test
  void repeatedAfterAKill_itIsTheSameSnapshot() throws Exception {
    TakeDocumentSnapshot.Input input = new TakeDocumentSnapshot.Input(List.of(DocumentWorld.NAME));
    world.context.runKilled(new TakeDocumentSnapshot(), input);

    String id = world.context.retry(new TakeDocumentSnapshot(), input).snapshot();

    assertThat(new DocumentSnapshots(world.context.artifacts()).list(world.target))
        .extracting(DocumentSnapshot::id)
        .containsExactly(id);
  }
}
