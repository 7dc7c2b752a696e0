package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.capability.document.DocumentStoreTarget;
import io.belay.capability.notify.WebhookTarget;
import io.belay.target.KnownTarget.Finding;
import io.belay.target.TargetIdentity.By;
import io.belay.target.TargetIdentity.Match;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When two names lead to the same system. */
class TargetIdentityTest {

  private static TargetIdentity postgres(String address, String... facts) {
    return of(By.POSTGRES, address, facts);
  }

  private static TargetIdentity redis(String... facts) {
    return of(By.REDIS, "redis://cache:6379", facts);
  }

  private static TargetIdentity of(By by, String address, String... facts) {
    Map<String, String> all = new TreeMap<>();
    for (int i = 0; i < facts.length; i += 2) {
      all.put(facts[i], facts[i + 1]);
    }
    return new TargetIdentity(by, address, new TreeMap<>(all));
  }

  @Test
  void postgres_isClusterAndDatabase_whateverTheAddress() {
    TargetIdentity known =
        postgres("postgres://db/a", "system identifier", "7", "database oid", "5", "server", "x");
    assertThat(
            known.compare(
                postgres("postgres://10.0.0.1/a", "system identifier", "7", "database oid", "5")))
        .isEqualTo(Match.SAME);
    assertThat(
            known.compare(
                postgres("postgres://db/a", "system identifier", "8", "database oid", "5")))
        .isEqualTo(Match.OTHER);
    assertThat(
            known.compare(
                postgres("postgres://db/a", "system identifier", "7", "database oid", "6")))
        .isEqualTo(Match.OTHER);
  }

  @Test
  void postgres_whoseLoginMayNotReadTheIdentifier_isKnownByTheServersAddress() {
    TargetIdentity known =
        postgres("postgres://db/a", "system identifier", "7", "database oid", "5", "server", "x");
    assertThat(known.compare(postgres("postgres://db/a", "database oid", "5", "server", "x")))
        .isEqualTo(Match.SAME);
    assertThat(known.compare(postgres("postgres://db/a", "database oid", "5", "server", "y")))
        .isEqualTo(Match.OTHER);
  }

  @Test
  void redis_thatRestartedOrFailedOver_isTheSame_andAnotherServerIsNot() {
    TargetIdentity known = redis("run id", "a1", "replication id", "b1", "server", "10.0.0.1:6379");
    assertThat(known.compare(redis("run id", "a1", "replication id", "b1", "server", "10.0.0.9:1")))
        .as("the same process by another name")
        .isEqualTo(Match.SAME);
    assertThat(
            known.compare(redis("run id", "a2", "replication id", "b2", "server", "10.0.0.1:6379")))
        .as("restarted")
        .isEqualTo(Match.CHANGED);
    assertThat(
            known.compare(
                redis(
                    "run id",
                    "a2",
                    "replication id",
                    "b2",
                    "former replication id",
                    "b1",
                    "server",
                    "10.0.0.2:6379")))
        .as("a replica that was promoted")
        .isEqualTo(Match.CHANGED);
    assertThat(
            known.compare(redis("run id", "a2", "replication id", "b2", "server", "10.0.0.2:6379")))
        .as("another server")
        .isEqualTo(Match.OTHER);
  }

  @Test
  void beforeAnybodyAskedTheSystem_theAddressCounts() {
    TargetIdentity named = postgres("postgres://db/a");
    TargetIdentity found = postgres("postgres://db/a", "database oid", "5", "server", "x");
    assertThat(KnownTarget.named(named).find(found).finding()).isEqualTo(Finding.FIXED);
    TargetIdentity elsewhere = postgres("postgres://db/b", "database oid", "5", "server", "x");
    assertThat(KnownTarget.named(named).find(elsewhere).finding()).isEqualTo(Finding.REFUSED);
  }

  @Test
  void whatTheRunAnnounced_isKnownAgain_andBothWereItsSource() {
    TargetIdentity before = postgres("postgres://db/a", "database oid", "5", "server", "x");
    KnownTarget known = KnownTarget.named(before).announced(before.withDatabase(6));
    assertThat(known.find(before).finding()).as("killed before it").isEqualTo(Finding.AS_KNOWN);
    KnownTarget.Found after = known.find(before.withDatabase(6));
    assertThat(after.finding()).as("killed after it").isEqualTo(Finding.CHANGED);
    assertThat(after.known().isSource(before)).isTrue();
    assertThat(after.known().find(before).finding()).isEqualTo(Finding.REFUSED);
    assertThat(known.find(before.withDatabase(7)).finding()).isEqualTo(Finding.REFUSED);
  }

  @Test
  void directory_isPathAndInode_andAFreshOneOfTheSameNameIsAnother(@TempDir Path directory)
      throws Exception {
    IdentityReader reader = new IdentityReader(AllTargetTypes.types());
    Path store = Files.createDirectories(directory.resolve("store"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), store);
    TargetIdentity known = reader.read(store(store)).orElseThrow();
    assertThat(known.compare(reader.read(store(link)).orElseThrow())).isEqualTo(Match.SAME);
    Files.move(store, directory.resolve("away"));
    Files.createDirectories(store);
    assertThat(known.compare(reader.read(store(store)).orElseThrow())).isEqualTo(Match.OTHER);
    Files.delete(store);
    assertThat(known.compare(reader.read(store(store)).orElseThrow())).isEqualTo(Match.OTHER);
  }

  private static DocumentStoreTarget store(Path directory) {
    return new DocumentStoreTarget(
        directory,
        null,
        null,
        List.of("a"),
        List.of("b"),
        List.of(),
        List.of(),
        new DocumentStoreTarget.Administrators("a", "level", "1"),
        List.of());
  }

  @Test
  void webhook_isToldFromAnother_withoutItsSecret() {
    WebhookTarget one = new WebhookTarget(Secret.of("https://hooks/T0/one"), null, null, false);
    WebhookTarget other = new WebhookTarget(Secret.of("https://hooks/T0/two"), null, null, false);
    assertThat(one.address()).isNotEqualTo(other.address());
    assertThat(one.address().orElseThrow()).doesNotContain("hooks");
  }
}
