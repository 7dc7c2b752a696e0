package io.belay.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

class FileArtifactStoreTest {

  private static final Secret KEY = Secret.of(Base64.getEncoder().encodeToString(new byte[32]));

  @TempDir Path directory;

  private FileArtifactStore store(Secret key) {
    return new FileArtifactStore(new ArtifactSettings(directory, key));
  }

  private final byte[] content = new byte[(int) DataSize.ofMegabytes(3).toBytes() + 17];

  {
    new Random(1).nextBytes(content);
  }

  private ArtifactStore.Body body() {
    return out -> {
      out.write(content, 0, 5);
      out.write(content[5]);
      out.write(content, 6, content.length - 6);
      return Map.of("tool", "pg_dump 15");
    };
  }

  private static byte[] read(ArtifactStore store, Artifact artifact) throws IOException {
    try (InputStream in = store.open(artifact)) {
      return in.readAllBytes();
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("run-1"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void flip(Path file, long position) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(position);
      int value = bytes.read();
      bytes.seek(position);
      bytes.write(value ^ 1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void artifact_isReadBackAndFoundByAnotherProcess(boolean encrypted) throws Exception {
    Secret key = encrypted ? KEY : Secret.none();
    Artifact written = store(key).write("run-1", "shop.dump", "postgres-backup", body());

    ArtifactStore other = store(key);
    assertThat(other.find("run-1/shop.dump")).contains(written);
    assertThat(other.ofRun("run-1")).containsExactly(written);
    assertThat(read(other, written)).isEqualTo(content);
    other.verify(written);

    assertThat(written.id()).isEqualTo("run-1/shop.dump");
    assertThat(written.encrypted()).isEqualTo(encrypted);
    assertThat(written.details()).containsEntry("tool", "pg_dump 15");
    assertThat(written.size()).isEqualTo(Files.size(other.path(written)));
    byte[] onDisk = Files.readAllBytes(other.path(written));
    assertThat(onDisk.length == content.length).isEqualTo(!encrypted);
    assertThat(files()).containsExactly(".lock", "shop.dump", "shop.dump.manifest.json");
  }

  @Test
  void artifacts_areForTheirOwnerOnly() throws Exception {
    Artifact artifact = store(KEY).write("run-1", "a", "report", body());
    Path file = store(KEY).path(artifact);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
        .isEqualTo("rwx------");
  }

  @Test
  void name_isWrittenOnce() throws Exception {
    Artifact first = store(KEY).write("run-1", "a", "report", body());
    Artifact second =
        store(KEY)
            .write(
                "run-1",
                "a",
                "report",
                out -> {
                  throw new AssertionError("must not be asked for");
                });
    assertThat(second).isEqualTo(first);
  }

  @Test
  void failingBody_leavesNothing() throws Exception {
    assertThatThrownBy(
            () ->
                store(KEY)
                    .write(
                        "run-1",
                        "a",
                        "report",
                        out -> {
                          out.write(content);
                          throw new IllegalStateException("pg_dump failed");
                        }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("pg_dump failed");
    assertThat(files()).containsExactly(".lock");
    assertThat(store(KEY).ofRun("run-1")).isEmpty();
    assertThat(store(KEY).find("run-1/a")).isEmpty();
  }

  @Test
  void killedAttempts_areCleanedUpByTheNext() throws Exception {
    Path run = Files.createDirectories(directory.resolve("run-1"));
    Files.writeString(run.resolve(".a.12345678.part"), "killed while writing");
    Files.writeString(run.resolve("a"), "killed before its manifest");
    Files.writeString(run.resolve(".a.manifest.json.12345678.part"), "{");
    Files.writeString(run.resolve(".ab.12345678.part"), "somebody else's");

    Artifact artifact = store(Secret.none()).write("run-1", "a", "report", body());

    assertThat(read(store(Secret.none()), artifact)).isEqualTo(content);
    assertThat(files()).containsExactly(".ab.12345678.part", ".lock", "a", "a.manifest.json");
  }

  @Test
  void attemptThatLostItsLock_cannotPublishOverTheNextOne() throws Exception {
    CountDownLatch nextIsDone = new CountDownLatch(1);
    CountDownLatch oldHasBegun = new CountDownLatch(1);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<Artifact> old =
          thread.submit(
              () ->
                  store(KEY)
                      .write(
                          "run-1",
                          "a",
                          "report",
                          out -> {
                            out.write(1);
                            oldHasBegun.countDown();
                            nextIsDone.await();
                            return Map.of();
                          }));
      oldHasBegun.await();
      Artifact next = store(KEY).write("run-1", "a", "report", body());
      nextIsDone.countDown();

      assertThat(old.get()).isEqualTo(next);
      assertThat(read(store(KEY), next)).isEqualTo(content);
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void changedFile_isFoundByVerifyAndByReading() throws Exception {
    FileArtifactStore plain = store(Secret.none());
    Artifact artifact = plain.write("run-1", "a", "report", body());
    flip(plain.path(artifact), 1000);

    assertThatThrownBy(() -> plain.verify(artifact))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("run-1/a")
        .hasMessageContaining(artifact.sha256())
        .hasMessageMatching(".*SHA-256 [0-9a-f]{64} and.*");
    assertThatThrownBy(() -> read(plain, artifact))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was changed");

    Files.delete(plain.path(artifact));
    assertThatThrownBy(() -> plain.verify(artifact))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("is missing");
  }

  @Test
  void changedOrShortenedOrSwappedEncryptedFile_isFoundByReading() throws Exception {
    FileArtifactStore sealed = store(KEY);
    Artifact a = sealed.write("run-1", "a", "report", body());
    Artifact b = sealed.write("run-1", "b", "report", body());
    Artifact c = sealed.write("run-1", "c", "report", body());

    flip(sealed.path(a), a.size() / 2);
    try (RandomAccessFile bytes = new RandomAccessFile(sealed.path(b).toFile(), "rw")) {
      bytes.setLength(2 << 20); // ends where a segment ends
    }
    for (Artifact damaged : List.of(a, b)) {
      assertThatThrownBy(() -> read(sealed, damaged))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(damaged.id());
      assertThatThrownBy(() -> sealed.verify(damaged)).isInstanceOf(TargetException.class);
    }
    Files.copy(sealed.path(c), sealed.path(a), StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> read(sealed, a)).isInstanceOf(IOException.class);
    assertThat(read(sealed, c)).isEqualTo(content);
  }

  @Test
  void wrongOrMissingKey_isSaidClearly() throws Exception {
    Artifact artifact = store(KEY).write("run-1", "a", "report", body());
    byte[] other = new byte[32];
    other[0] = 1;
    Secret otherKey = Secret.of(Base64.getEncoder().encodeToString(other));

    assertThatThrownBy(() -> read(store(otherKey), artifact))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("belay.artifacts.key");
    assertThatThrownBy(() -> store(Secret.none()).open(artifact))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("belay.artifacts.key");
    store(Secret.none()).verify(artifact); // needs no key
  }

  @ParameterizedTest
  @ValueSource(strings = {"c2hvcnRrZXk=", "not base64 at all!", "QUJD"})
  void badKey_isRefusedWithoutShowingIt(String key) {
    assertThatThrownBy(() -> store(Secret.of(key)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("belay.artifacts.key")
        .hasMessageNotContaining(key)
        .hasNoCause();
  }

  @Test
  void directoryThatCannotBe_isNamed() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(
            () -> new FileArtifactStore(new ArtifactSettings(file.resolve("x"), Secret.none())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("belay.artifacts.directory")
        .hasMessageContaining(file.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"../a", "a/b", "a\\b", ".hidden", "", "a.manifest.json", "a\0", "ä"})
  void unsafeName_isRefused(String name) {
    FileArtifactStore store = store(Secret.none());
    assertThatThrownBy(() -> store.write("run-1", name, "report", body()))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("is not safe");
    assertThatThrownBy(() -> store.write(name, "a", "report", body()))
        .isInstanceOf(TargetException.class);
    assertThat(store.find("run-1/" + name)).isEmpty();
  }

  @Test
  void longestName_fits_longerIsRefused() throws Exception {
    FileArtifactStore store = store(Secret.none());
    Artifact artifact = store.write("run-1", "n".repeat(200), "report", body());
    store.verify(artifact);
    assertThatThrownBy(() -> store.write("run-1", "n".repeat(201), "report", body()))
        .isInstanceOf(TargetException.class);
  }

  @Test
  void fullDisk_isSaidWithFreeSpace_evenWhenTheBodyWrapsIt() throws Exception {
    Path full = Path.of("/dev/full"); // answers every write as a full disk does
    FileArtifactStore store =
        new FileArtifactStore(
            new ArtifactSettings(directory, Secret.none()),
            part -> FileChannel.open(full, StandardOpenOption.WRITE));
    ArtifactStore.Body wrapping =
        out -> {
          try {
            out.write(content);
          } catch (IOException e) {
            throw new IllegalStateException("the pipe broke", e);
          }
          return Map.of();
        };

    for (ArtifactStore.Body body : List.of(wrapping, body())) {
      assertThatThrownBy(() -> store.write("run-1", "a", "report", body))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("artifact run-1/a cannot be written: No space left on device")
          .hasMessageContaining("bytes free");
    }
    assertThat(files()).containsExactly(".lock");
  }

  @Test
  void directoryThatIsGone_isNotMadeAnew_andIsSaid() throws Exception {
    Path volume = Files.createDirectory(directory.resolve("volume"));
    FileArtifactStore store = new FileArtifactStore(new ArtifactSettings(volume, Secret.none()));
    Files.delete(volume);

    for (ThrowingCallable use :
        List.<ThrowingCallable>of(
            () -> store.write("run-1", "a", "report", body()),
            () -> store.workDirectory("run-1", "a"),
            store::freeBytes)) {
      assertThatThrownBy(use)
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("the directory for artifacts, " + volume)
          .hasMessageContaining("belay.artifacts.directory")
          .hasMessageContaining("Nothing was written; mount its volume or restore it, then retry");
    }
    assertThat(volume).doesNotExist();
    assertThat(store.ofRun("run-1")).isEmpty();
  }

  @Test
  void artifactWhoseManifestCannotBeWritten_leavesNothing() throws Exception {
    ArtifactFiles files = new ArtifactFiles(directory.resolve("run-1"));
    Artifact artifact = store(Secret.none()).write("run-1", "a", "report", body());
    Path part = files.newPart("b");
    Artifact other =
        new Artifact(
            "run-1/b", "run-1", "b", "report", artifact.sha256(), 1, false, null, Map.of());
    Files.createDirectories(directory.resolve("run-1/b.manifest.json/in the way"));

    assertThatThrownBy(() -> files.publish(part, other)).isInstanceOf(IOException.class);

    try (var left = Files.list(directory.resolve("run-1"))) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(".lock", "a", "a.manifest.json", "b.manifest.json");
    }
  }

  @Test
  void lockThatIsNeverGivenBack_isGivenUp() throws Exception {
    Path run = directory.resolve("run-1");
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Thread stopped =
        new Thread(
            () -> {
              try {
                new ArtifactFiles(run)
                    .exclusively(
                        () -> {
                          held.countDown();
                          awaitUninterruptibly(release);
                          return null;
                        });
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    stopped.start();
    held.await();
    try {
      assertThatThrownBy(
              () -> new ArtifactFiles(run, Duration.ofMillis(200)).exclusively(() -> null))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another attempt holds " + run.resolve(".lock"));
    } finally {
      release.countDown();
      stopped.join();
    }
  }

  @Test
  void artifactsOfARun_areListedOldestFirst_andOnlyFinishedOnes() throws Exception {
    FileArtifactStore store = store(Secret.none());
    List<Artifact> written = new ArrayList<>();
    for (String name : List.of("c", "a", "b")) {
      written.add(store.write("run-1", name, "report", text(name)));
    }
    store.write("run-2", "a", "report", text("x"));
    Files.writeString(directory.resolve("run-1/d"), "no manifest");

    assertThat(store.ofRun("run-1")).containsExactlyInAnyOrderElementsOf(written);
    assertThat(store.ofRun("run-1")).isSortedAccordingTo(Comparator.comparing(Artifact::createdAt));
    assertThat(store.ofRun("run-3")).isEmpty();
    assertThat(store.freeBytes()).isPositive();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static ArtifactStore.Body text(String text) {
    return (OutputStream out) -> {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      return Map.of();
    };
  }
}
