package io.belay.matrix;

import io.belay.artifact.ArtifactStore;
import io.belay.playground.Fault;
import io.belay.playground.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * What must go wrong outside so that what a step finds is bad: by the step's name, so that every
 * runbook that uses it has its gate failed for real.
 */
final class Failures {

  /**
   * @param beforeStart whether it is wrong from the beginning, or only when the step begins
   * @param cause is told the world and the run
   */
  record Failure(boolean beforeStart, BiConsumer<World, String> cause) {}

  /** Hits the backend's world only, as the faults before it hit the main server's only. */
  private static final Fault FLAG_SERVICE_DOWN = Fault.named("flag-service-down");

  private final Map<String, Failure> byStep;

  Failures(ArtifactStore artifacts) {
    byStep =
        Map.ofEntries(
            Map.entry("checkDependencies", whenItBegins(Fault.redisDown())),
            Map.entry("reviewConfiguration", new Failure(true, (world, run) -> forgetAKey(world))),
            Map.entry("probeEndpoints", whenItBegins(Fault.down("v2"), Fault.down("staging"))),
            Map.entry("runCommand", new Failure(false, (world, run) -> failTests(world))),
            Map.entry("verifyBackup", new Failure(false, (w, run) -> damage(artifacts, run))),
            Map.entry("checkIntegrity", fromTheBeginning(Fault.dataCorruption())),
            Map.entry("verifyWebhook", whenItBegins(Fault.wrongWebhook("v2"))),
            Map.entry("checkIntegrations", whenItBegins(Fault.aiDown())),
            Map.entry("measureHealth", whenItBegins(Fault.errorRate("v2", 1), FLAG_SERVICE_DOWN)),
            Map.entry("awaitHealthy", whenItBegins(Fault.redisDown(), FLAG_SERVICE_DOWN)),
            Map.entry("compareContract", fromTheBeginning(Fault.named("contract"))),
            Map.entry("analyzeDocuments", fromTheBeginning(Fault.named("unreadable-documents"))),
            Map.entry(
                "verifyDocumentSnapshot", new Failure(false, (w, run) -> damage(artifacts, run))),
            Map.entry("validateDocuments", whenItBegins(Fault.named("broken-store"))),
            Map.entry("measureQueries", whenItBegins(Fault.named("broken-store"))));
  }

  private static Failure fromTheBeginning(Fault fault) {
    return new Failure(true, (world, run) -> world.fault(fault));
  }

  Optional<Failure> of(String step) {
    return Optional.ofNullable(byStep.get(step));
  }

  private static Failure whenItBegins(Fault... faults) {
    return new Failure(
        false,
        (world, run) -> {
          for (Fault fault : faults) {
            world.fault(fault);
          }
        });
  }

  /** The new version's own: those of the main server, and those of the backend that was built. */
  private static void failTests(World world) {
    world.fault(Fault.wrongWebhook("staging"));
    try {
      Files.deleteIfExists(world.directory().resolve("backend/build/classes/NewKeyManager.class"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void forgetAKey(World world) {
    Path file = world.directory().resolve("config/v2.env");
    try {
      Files.writeString(
          file, Files.readString(file).replaceAll("(?m)^RATE_LIMIT_MAX_REQUESTS=.*$", ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One bit of each backup and snapshot. */
  private static void damage(ArtifactStore artifacts, String run) {
    artifacts.ofRun(run).stream()
        .filter(artifact -> artifact.kind().matches(".*-(backup|snapshot)"))
        .map(artifacts::path)
        .forEach(
            file -> {
              try {
                byte[] bytes = Files.readAllBytes(file);
                bytes[bytes.length / 2] ^= 1;
                Files.write(file, bytes);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }
}
