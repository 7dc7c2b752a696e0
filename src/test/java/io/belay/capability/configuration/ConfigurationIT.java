package io.belay.capability.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.artifact.Artifact;
import io.belay.capability.configuration.RestoreConfiguration.Scope;
import io.belay.playground.Needs;
import io.belay.step.BusinessStop;
import io.belay.step.FakeStepContext;
import io.belay.step.StepPlan;
import io.belay.step.Verdict;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Review, update, backup and restore on real files, by way of the delegates. */
class ConfigurationIT {

  private static final String V1 =
      """
      # Feishu
      FEISHU_APP_ID=cli_a1b2
      export FEISHU_APP_SECRET='s3cret # value'
      DATABASE_URL="postgresql://main:pw@db/main"
      OLD_DEBUG=1
      """;
  private static final String V2 =
      """
      # Server
      DATABASE_URL="postgresql://main:other@db/main"

      RATE_LIMIT_WINDOW_MS=60000
      RATE_LIMIT_MAX_REQUESTS=
      TYPO_KEY=1
      """;

  private final ReviewConfiguration reviewConfiguration = new ReviewConfiguration();
  private final UpdateConfiguration updateConfiguration = new UpdateConfiguration();
  private final TakeConfigurationBackup takeConfigurationBackup = new TakeConfigurationBackup();
  private final RestoreConfiguration restoreConfiguration = new RestoreConfiguration();

  private static final ReviewConfiguration.Input REVIEW =
      new ReviewConfiguration.Input("configuration");
  private static final UpdateConfiguration.Input UPDATE =
      new UpdateConfiguration.Input("configuration");
  private static final TakeConfigurationBackup.Input BACKUP =
      new TakeConfigurationBackup.Input(List.of("configuration"));

  @TempDir private Path directory;
  private Path baseline;
  private Path candidate;
  private Path extra;
  private FakeStepContext context;

  @BeforeEach
  void files() throws IOException {
    baseline = Files.writeString(directory.resolve("v1.env"), V1);
    candidate = Files.writeString(directory.resolve("v2.env"), V2);
    mode(candidate, "rw-r-----");
    extra = Files.createDirectories(directory.resolve("conf.d"));
    Files.writeString(extra.resolve("a.conf"), "a");
    Files.createDirectories(extra.resolve("deep"));
    Files.write(extra.resolve("deep/b.bin"), new byte[] {0, 1, (byte) 0xFF});
    context = new FakeStepContext(Map.of("configuration", target()));
  }

  private ConfigurationTarget target() {
    return new ConfigurationTarget(
        baseline,
        candidate,
        EnvDialect.DOTENV,
        Map.of("FEISHU_APP_ID", "LARK_APP_ID", "FEISHU_APP_SECRET", "LARK_APP_SECRET"),
        List.of("RATE_LIMIT_WINDOW_MS", "RATE_LIMIT_MAX_REQUESTS", "AI_SERVICE_TIMEOUT"),
        List.of("OLD_DEBUG"),
        List.of(extra, directory.resolve("absent.yml")));
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  /** Path to mode and content of everything below the directory. */
  private SortedMap<String, String> world() throws IOException {
    SortedMap<String, String> world = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        world.put(
            directory.relativize(path).toString(),
            PosixFilePermissions.toString(Files.getPosixFilePermissions(path))
                + " "
                + Files.readString(path, StandardCharsets.ISO_8859_1));
      }
    }
    return world;
  }

  private int restore(Scope scope) throws Exception {
    return context
        .run(restoreConfiguration, new RestoreConfiguration.Input(List.of("configuration"), scope))
        .restored();
  }

  @Test
  void severalConfigurations_areBackedUpAndRestored_eachFromItsOwnBackup() throws Exception {
    Path other = Files.writeString(directory.resolve("other.env"), "A=1");
    ConfigurationTarget second =
        new ConfigurationTarget(
            other, other, EnvDialect.DOTENV, Map.of(), List.of(), List.of(), List.of());
    context = new FakeStepContext(Map.of("configuration", target(), "other", second));
    List<String> both = List.of("configuration", "other");
    context.run(takeConfigurationBackup, new TakeConfigurationBackup.Input(both));
    SortedMap<String, String> before = world();
    Files.writeString(candidate, "CHANGED=1");
    Files.writeString(other, "A=2");

    assertThat(
            context
                .run(restoreConfiguration, new RestoreConfiguration.Input(both, Scope.BACKUP))
                .restored())
        .isEqualTo(2);
    assertThat(world()).isEqualTo(before);
  }

  @Test
  void noConfiguration_isNothingToDo() throws Exception {
    context = new FakeStepContext(Map.of());

    assertThat(context.run(updateConfiguration, new UpdateConfiguration.Input("none")).updated())
        .isZero();
    assertThat(context.run(reviewConfiguration, new ReviewConfiguration.Input("none")).verdict())
        .isEqualTo(Verdict.PASS);
    context.run(
        restoreConfiguration, new RestoreConfiguration.Input(List.of("none"), Scope.UPDATE));
    assertThat(context.takenBack()).containsExactly("updateConfiguration-1");
  }

  @Test
  void review_findsEachKind_andFails() throws Exception {
    ReviewConfiguration.Result result = context.run(reviewConfiguration, REVIEW);
    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.missing()).isEqualTo(3);
    assertThat(result.empty()).isEqualTo(1);
    assertThat(result.unknown()).isEqualTo(1);
    assertThat(result.changed()).isEqualTo(1);
    assertThat(result.reason())
        .contains("AI_SERVICE_TIMEOUT", "RATE_LIMIT_MAX_REQUESTS", "TYPO_KEY");
    assertThat(context.logs())
        .anyMatch(
            line -> line.contains("missing: LARK_APP_ID (renamed from FEISHU_APP_ID, sha256:"))
        .anyMatch(
            line -> line.matches(".*changed: DATABASE_URL \\(sha256:\\w{8}, now sha256:\\w{8}\\)"))
        .noneMatch(
            line -> line.contains("cli_a1b2") || line.contains("s3cret") || line.contains("pw@"));
  }

  @Test
  void review_passes_whenEveryRequiredKeyHasAValue() throws Exception {
    context.run(updateConfiguration, UPDATE);
    Files.writeString(
        candidate,
        Files.readString(candidate)
                .replace("RATE_LIMIT_MAX_REQUESTS=", "RATE_LIMIT_MAX_REQUESTS=100")
            + "AI_SERVICE_TIMEOUT=5000\n");
    ReviewConfiguration.Result result = context.run(reviewConfiguration, REVIEW);
    assertThat(result.verdict()).isEqualTo(Verdict.PASS);
    assertThat(result.missing()).isZero();
  }

  @Test
  void review_withoutBaseline_hasNoData_withoutCandidate_fails() throws Exception {
    Files.delete(candidate);
    assertThat(context.run(reviewConfiguration, REVIEW).verdict()).isEqualTo(Verdict.FAIL);
    Files.delete(baseline);
    assertThat(context.run(reviewConfiguration, REVIEW).verdict()).isEqualTo(Verdict.NO_DATA);
  }

  @Test
  void update_addsRenamedKeys_keepsTheRestAndTheMode_andIsTakenBack() throws Exception {
    SortedMap<String, String> before = world();
    assertThat(context.run(updateConfiguration, UPDATE).updated()).isEqualTo(2);

    String updated = Files.readString(candidate);
    assertThat(updated).startsWith(V2);
    EnvFile file = EnvFile.parse(Files.readAllBytes(candidate), EnvDialect.DOTENV);
    assertThat(file.entries().get("LARK_APP_ID").value().reveal()).isEqualTo("cli_a1b2");
    assertThat(file.entries().get("LARK_APP_SECRET").value().reveal()).isEqualTo("s3cret # value");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(candidate)))
        .isEqualTo("rw-r-----");
    assertThat(context.logs()).noneMatch(line -> line.contains("cli_a1b2"));

    assertThat(restore(Scope.UPDATE)).isEqualTo(1);
    assertThat(world()).isEqualTo(before);
    assertThat(restore(Scope.UPDATE)).isZero();
  }

  @Test
  void aLineThatIsNotUnderstood_isNeverAPass_andNothingIsWritten() throws Exception {
    context.run(updateConfiguration, UPDATE);
    String complete =
        Files.readString(candidate)
                .replace("RATE_LIMIT_MAX_REQUESTS=", "RATE_LIMIT_MAX_REQUESTS=100")
            + "AI_SERVICE_TIMEOUT=5000\n";
    Files.writeString(candidate, complete + "LARK APP=operator's value\n");
    ReviewConfiguration.Result result = context.run(reviewConfiguration, REVIEW);
    assertThat(result.verdict()).isEqualTo(Verdict.INCONCLUSIVE);
    assertThat(result.reason()).contains("1 not understood: candidate: line 12 is no assignment");

    Files.write(candidate, V2.getBytes(StandardCharsets.UTF_16));
    SortedMap<String, String> before = world();
    assertThat(context.run(reviewConfiguration, REVIEW).verdict()).isNotEqualTo(Verdict.PASS);
    assertThatThrownBy(() -> context.run(updateConfiguration, UPDATE))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("UTF-16")
        .hasMessageContaining("nothing was written");
    assertThat(world()).isEqualTo(before);
  }

  @Test
  void aReferenceToARenamedKey_fails_untilItFollows() throws Exception {
    Files.writeString(
        baseline, "FEISHU_APP_ID=a\nFEISHU_APP_SECRET=\"${FEISHU_APP_ID}-s\"\nOLD_DEBUG=1\n");
    Files.writeString(
        candidate,
        "URL=https://x/${FEISHU_APP_ID}\nRATE_LIMIT_WINDOW_MS=1\nRATE_LIMIT_MAX_REQUESTS=1\n"
            + "AI_SERVICE_TIMEOUT=1\n");
    context.run(updateConfiguration, UPDATE);
    assertThat(Files.readString(candidate))
        .contains("LARK_APP_ID=a\n", "LARK_APP_SECRET=\"${LARK_APP_ID}-s\"\n");
    ReviewConfiguration.Result result = context.run(reviewConfiguration, REVIEW);
    assertThat(result.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(result.reason()).contains("1 referring to a renamed key: URL");
  }

  @Test
  void aFileThatIsAMountOfItsOwn_isWrittenInPlace_andGivenBack() throws Exception {
    Path mounted = Files.writeString(directory.resolve("mounted.env"), V2);
    Needs.right(mount("--bind", mounted.toString(), candidate.toString()), "mount a file");
    try {
      SortedMap<String, String> before = world();
      assertThat(context.run(updateConfiguration, UPDATE).updated()).isEqualTo(2);
      assertThat(Files.readString(mounted)).startsWith(V2).contains("LARK_APP_ID=cli_a1b2");
      assertThat(context.logs()).anyMatch(line -> line.contains("written in place"));
      // An attempt that was killed in the middle of it.
      byte[] whole = Files.readAllBytes(candidate);
      Files.write(candidate, Arrays.copyOf(whole, whole.length - 12));
      context.retry(updateConfiguration, UPDATE);
      assertThat(Files.readAllBytes(candidate)).isEqualTo(whole);
      assertThat(restore(Scope.UPDATE)).isEqualTo(1);
      assertThat(world()).isEqualTo(before);
    } finally {
      new ProcessBuilder("umount", candidate.toString()).start().waitFor();
    }
  }

  private static boolean mount(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("mount"));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
  }

  @Test
  void hardLinks_areTold() throws Exception {
    Path other = Files.createLink(directory.resolve("other.env"), candidate);
    context.run(updateConfiguration, UPDATE);
    assertThat(context.logs()).anyMatch(line -> line.contains("has 2 names (hard links)"));
    assertThat(Files.readString(other)).isEqualTo(V2);
  }

  @Test
  void whatAReplacedAttemptPrepared_isRemoved_beforeAnythingElse() throws Exception {
    context.runKilled(updateConfiguration, UPDATE);
    SortedMap<String, String> updated = world();
    Path prepared =
        candidate.resolveSibling("." + candidate.getFileName() + ".belay-part-of-another-1");
    Files.writeString(prepared, "of an attempt whose node is paused");

    context.retry(updateConfiguration, UPDATE);

    assertThat(prepared).doesNotExist();
    assertThat(world()).isEqualTo(updated);
  }

  @Test
  void restoreThatFindsNothingToDo_removesWhatAReplacedAttemptPrepared() throws Exception {
    SortedMap<String, String> before = world();
    context.run(updateConfiguration, UPDATE);
    restore(Scope.UPDATE);
    Path prepared =
        candidate.resolveSibling("." + candidate.getFileName() + ".belay-part-of-another-1");
    Files.writeString(prepared, "of an attempt whose node is paused");

    assertThat(restore(Scope.UPDATE)).isZero();

    assertThat(prepared).doesNotExist();
    assertThat(world()).isEqualTo(before);
  }

  @Test
  void update_killedAfterItsEffect_isNotDoneTwice_andIsTakenBack() throws Exception {
    SortedMap<String, String> before = world();
    context.runKilled(updateConfiguration, UPDATE);
    SortedMap<String, String> updated = world();
    assertThat(context.retry(updateConfiguration, UPDATE).updated()).isEqualTo(2);
    assertThat(world()).isEqualTo(updated);
    restore(Scope.UPDATE);
    assertThat(world()).isEqualTo(before);
  }

  @Test
  void update_killedBeforeItsEffect_leavesNothingToTakeBack() throws Exception {
    SortedMap<String, String> before = world();
    context.runKilledAfterSave(UpdateConfiguration.CHANGE, updateConfiguration, UPDATE);
    assertThat(world()).isEqualTo(before);
    assertThat(restore(Scope.UPDATE)).isZero();
    assertThat(context.retry(updateConfiguration, UPDATE).updated()).isEqualTo(2);
    assertThat(restore(Scope.UPDATE)).isEqualTo(1);
    assertThat(world()).isEqualTo(before);
  }

  @Test
  void update_createsAMissingFile_andRestoreRemovesIt() throws Exception {
    Files.delete(candidate);
    assertThat(context.run(updateConfiguration, UPDATE).updated()).isEqualTo(2);
    assertThat(candidate).exists();
    assertThat(restore(Scope.UPDATE)).isEqualTo(1);
    assertThat(candidate).doesNotExist();
  }

  @Test
  void update_throughASymbolicLink_changesTheFileAndKeepsTheLink() throws Exception {
    Path shared = Files.move(candidate, directory.resolve("shared.env"));
    Files.createSymbolicLink(candidate, shared);
    context.run(updateConfiguration, UPDATE);
    assertThat(Files.isSymbolicLink(candidate)).isTrue();
    assertThat(Files.readString(shared)).contains("LARK_APP_ID");
    restore(Scope.UPDATE);
    assertThat(Files.isSymbolicLink(candidate)).isTrue();
    assertThat(Files.readString(shared)).isEqualTo(V2);
  }

  @Test
  void editOfAPersonDuringTheRun_isKeptAsAnArtifact_whenItIsOverwritten() throws Exception {
    context.run(updateConfiguration, UPDATE);
    Files.writeString(candidate, "EDITED=by hand\n");
    restore(Scope.UPDATE);
    assertThat(Files.readString(candidate)).isEqualTo(V2);
    List<String> kept =
        context.artifacts().ofRun(context.runId()).stream()
            .filter(artifact -> artifact.kind().equals("configuration-copy"))
            .map(this::content)
            .toList();
    assertThat(kept).contains("EDITED=by hand\n");
  }

  private String content(Artifact artifact) {
    try (var in = context.artifacts().open(artifact)) {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void backup_givesBackContentModeAbsenceAndDirectories() throws Exception {
    TakeConfigurationBackup.Result taken = context.run(takeConfigurationBackup, BACKUP);
    assertThat(taken.files()).isEqualTo(4);
    SortedMap<String, String> before = world();

    Files.writeString(candidate, "broken");
    mode(candidate, "rwxrwxrwx");
    mode(baseline, "rw-------");
    Files.delete(extra.resolve("deep/b.bin"));
    Files.delete(extra.resolve("deep"));
    Files.writeString(extra.resolve("new.conf"), "added since");
    Files.writeString(directory.resolve("absent.yml"), "added since");

    assertThat(restore(Scope.BACKUP)).isEqualTo(5);
    assertThat(world()).isEqualTo(before);
    assertThat(restore(Scope.BACKUP)).isZero();
  }

  @Test
  void directoryThatIsGone_isMadeForThoseWhoMayReadTheFile_andForNobodyElse() throws Exception {
    mode(extra.resolve("deep/b.bin"), "rw-r-----");
    context.run(takeConfigurationBackup, BACKUP);
    Files.delete(extra.resolve("deep/b.bin"));
    Files.delete(extra.resolve("deep"));

    assertThat(restore(Scope.BACKUP)).isOne();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(extra.resolve("deep"))))
        .isEqualTo("rwxr-x---");
  }

  @Test
  void backupAfterTheUpdate_isRestoredFirst_thenTheUpdateIsTakenBack() throws Exception {
    SortedMap<String, String> atStart = world();
    context.run(updateConfiguration, UPDATE);
    SortedMap<String, String> atBackup = world();
    context.run(takeConfigurationBackup, BACKUP);
    Files.writeString(candidate, "broken");

    assertThat(restore(Scope.BACKUP)).isEqualTo(1);
    assertThat(world()).isEqualTo(atBackup);
    assertThat(restore(Scope.UPDATE)).isEqualTo(1);
    assertThat(world()).isEqualTo(atStart);
    assertThat(restore(Scope.UPDATE)).isZero();
  }

  @Test
  void restore_onNothing_doesNothing() throws Exception {
    SortedMap<String, String> before = world();
    assertThat(restore(Scope.ALL)).isZero();
    assertThat(world()).isEqualTo(before);
  }

  @Test
  void killedBackup_isNotTakenTwice() throws Exception {
    context.runKilled(takeConfigurationBackup, BACKUP);
    Files.writeString(candidate, "changed after the backup");
    context.retry(takeConfigurationBackup, BACKUP);
    restore(Scope.BACKUP);
    assertThat(Files.readString(candidate)).isEqualTo(V2);
  }

  @Test
  void linkOutOfADirectory_isNotFollowed() throws Exception {
    Path outside = Files.createDirectories(directory.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "not ours");
    Files.createSymbolicLink(extra.resolve("link"), outside);
    assertThat(context.run(takeConfigurationBackup, BACKUP).files()).isEqualTo(4);
    assertThat(context.logs()).anyMatch(line -> line.startsWith("Left out"));
  }

  @Test
  void moreThanConfiguration_isRefused() throws Exception {
    try (var file = new java.io.RandomAccessFile(extra.resolve("dump").toFile(), "rw")) {
      file.setLength((64L << 20) + 1);
    }
    assertThatThrownBy(() -> context.run(takeConfigurationBackup, BACKUP))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("64 MiB");
  }

  @Test
  void plans_tellWhatWouldBeDone_withoutDoingIt() throws Exception {
    SortedMap<String, String> before = world();
    assertThat(updateConfiguration.plan(UPDATE, context.environment()).details())
        .containsExactlyInAnyOrder("LARK_APP_ID", "LARK_APP_SECRET");
    StepPlan backup = takeConfigurationBackup.plan(BACKUP, context.environment());
    assertThat(backup.summary()).startsWith("back up 4 configuration files");
    assertThat(backup.details())
        .contains(candidate.toString(), directory.resolve("absent.yml") + " (does not exist)");
    assertThat(world()).isEqualTo(before);
  }
}
