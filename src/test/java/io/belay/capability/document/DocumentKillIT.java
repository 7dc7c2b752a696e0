package io.belay.capability.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.artifact.ArtifactSettings;
import io.belay.artifact.FileArtifactStore;
import io.belay.capability.document.Victim.Work;
import io.belay.playground.LegacyDocuments;
import io.belay.target.Secret;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/**
 * Killed with SIGKILL at random moments, a snapshot, a migration and a rollback always end whole.
 * As often as {@code -Dbelay.document.kills} says (4); its seed is printed, and {@code
 * -Dbelay.document.seed} takes it again.
 */
class DocumentKillIT {

  private static final int KILLS = Integer.getInteger("belay.document.kills", 4);
  private static final long SEED = Long.getLong("belay.document.seed", System.nanoTime());
  private static final int DOCUMENTS = 10_000;
  private static final String RUN = "run-1";

  @TempDir Path directory;
  private final Random random = new Random(SEED);
  private DocumentWorld world;
  private Map<String, String> before;
  private Map<String, String> after;

  @Test
  void killedAnywhere_itEndsWhole() throws Exception {
    System.out.println("belay.document.seed=" + SEED);
    world = DocumentWorld.ofTheGuide(directory);
    LegacyDocuments.write(world.target.legacy(), DOCUMENTS, 7);
    Files.writeString(world.target.adminFile(), "{\"_id\":\"older\"}\n");
    before = hashes();
    long[] usual = new long[Work.values().length];
    for (Work work : new Work[] {Work.SNAPSHOT, Work.MIGRATE, Work.REVERT}) {
      usual[work.ordinal()] = untilEnd(work); // how long it takes, and that it works at all
      after = work == Work.MIGRATE ? hashes() : after;
    }
    usual[Work.RESTORE.ordinal()] = usual[Work.REVERT.ordinal()];
    assertThat(hashes()).isEqualTo(before);
    int killed = 0;
    for (int attempt = 1; killed < KILLS && attempt <= KILLS * 3; attempt++) {
      Work work = Work.values()[attempt % Work.values().length];
      if (work == Work.SNAPSHOT) {
        FileSystemUtils.deleteRecursively(directory.resolve("artifacts"));
      } else if (work != Work.MIGRATE) {
        becomeWhole(Work.MIGRATE); // so that there is something to take back
      }
      killed += killedDuring(work, usual[work.ordinal()]) ? 1 : 0;
      assertNothingTorn(work);
      becomeWhole(work == Work.MIGRATE && random.nextBoolean() ? Work.REVERT : work);
      if (work == Work.MIGRATE) {
        becomeWhole(Work.REVERT);
      }
    }
    assertThat(killed).isEqualTo(KILLS);
  }

  /** The next attempt, which nobody kills. */
  private void becomeWhole(Work work) throws Exception {
    Victim.run(directory, work, Victim.context(directory, RUN));
    if (work == Work.SNAPSHOT) {
      assertThat(
              new DocumentSnapshots(
                      new FileArtifactStore(
                          new ArtifactSettings(directory.resolve("artifacts"), Secret.none())))
                  .list(world.target))
          .singleElement()
          .matches(DocumentSnapshot::verified);
    } else {
      assertThat(hashes()).as("after %s", work).isEqualTo(work == Work.MIGRATE ? after : before);
    }
    assertThat(new MigrationFiles(world.target).directory()).doesNotExist();
    assertThat(new MigrationFiles(world.target).readRestoring()).isEmpty();
  }

  /** Legacy files are as they were; each new file is the old one or the finished one. */
  private void assertNothingTorn(Work work) throws IOException {
    Map<String, String> now = hashes();
    for (Path file : new Path[] {world.target.adminFile(), world.target.applicationFile()}) {
      String name = name(file);
      assertThat(now.getOrDefault(name, "absent"))
          .as("%s after a kill during %s", name, work)
          .isIn(before.getOrDefault(name, "absent"), after.getOrDefault(name, "absent"));
    }
    before.forEach(
        (name, hash) -> {
          if (name.startsWith("legacy/")) {
            assertThat(now).as("after a kill during %s", work).containsEntry(name, hash);
          }
        });
  }

  private static String name(Path file) {
    return file.getParent().getFileName() + "/" + file.getFileName();
  }

  private Map<String, String> hashes() throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    for (Path part : new Path[] {world.target.legacy(), world.target.store()}) {
      for (Path file : DocumentWorld.list(part)) {
        if (!file.getFileName().toString().endsWith(".belay-restore")) {
          hashes.put(name(file), FileState.hash(file));
        }
      }
    }
    return hashes;
  }

  private long untilEnd(Work work) throws Exception {
    Process victim = start(work);
    try (BufferedReader output = victim.inputReader()) {
      readUntil("begins", output);
      long began = System.nanoTime();
      readUntil("ended", output);
      return System.nanoTime() - began;
    } finally {
      victim.waitFor();
    }
  }

  /** Whether it was killed before it had ended. */
  private boolean killedDuring(Work work, long usual) throws Exception {
    Process victim = start(work);
    try (BufferedReader output = victim.inputReader()) {
      readUntil("begins", output);
      victim.waitFor((long) (random.nextDouble() * usual), TimeUnit.NANOSECONDS);
      victim.destroyForcibly().waitFor();
      return victim.exitValue() != 0;
    }
  }

  /** Libraries may log in between. */
  private void readUntil(String wanted, BufferedReader output) throws IOException {
    String line = output.readLine();
    while (line != null && !line.equals(wanted)) {
      line = output.readLine();
    }
    assertThat(line).as(Files.readString(directory.resolve("victim.log"))).isEqualTo(wanted);
  }

  private Process start(Work work) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Victim.class.getName(),
            directory.toString(),
            work.name(),
            RUN)
        .redirectError(directory.resolve("victim.log").toFile())
        .start();
  }
}
