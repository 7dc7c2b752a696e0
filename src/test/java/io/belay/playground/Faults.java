package io.belay.playground;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Switches faults on, and all of them off again. */
final class Faults {

  private final ServiceControl services;
  private final PlaygroundRedis redis;
  private final AiService ai;
  private final MigrationFiles migration;
  private final DocumentFaults documents;
  private final WorldParts parts;
  private final ControlFiles controls;
  private final List<String> killed = new ArrayList<>();

  Faults(
      Path world,
      ServiceControl services,
      PlaygroundRedis redis,
      AiService ai,
      MigrationFiles migration,
      DocumentFiles documents,
      WorldParts parts)
      throws IOException {
    this.controls = new ControlFiles(world);
    this.services = services;
    this.redis = redis;
    this.ai = ai;
    this.migration = migration;
    this.documents = new DocumentFaults(documents);
    this.parts = parts;
  }

  synchronized void cause(Fault fault) throws IOException, InterruptedException {
    switch (fault.kind()) {
      case ERROR_RATE, RESET, NOT_FOUND, LATENCY, ERROR_LINES, WRONG_WEBHOOK, SLOWER, CONTRACT ->
          controls.switchOn(fault);
      case DOWN -> {
        controls.switchOn(fault);
        kill(fault.service());
      }
      case AI_DOWN -> ai.close();
      case REDIS_DOWN -> redis.stop();
      case DATA_CORRUPTION -> migration.writeCorrupting();
      case MIGRATION -> migration.writeFailing();
      case UNREADABLE_DOCUMENTS, PLAIN_PASSWORD, CHANGING_DOCUMENTS, BROKEN_STORE ->
          documents.cause(fault.kind());
      case FLAG_SERVICE_DOWN, BUILD -> parts.cause(fault);
    }
  }

  private void kill(String service) throws IOException, InterruptedException {
    for (String slot : Slots.ALL) {
      var entry = services.running(slot);
      boolean hit =
          entry.isPresent()
              && (slot.equals(service)
                  || (entry.get().what().equals(service) && !slot.equals(Slots.STAGING)));
      if (hit) {
        entry.get().process().destroyForcibly();
        ServiceControl.awaitEnd(entry.get().process());
        if (entry.get().what().equals("v1") || slot.equals(Slots.STAGING)) {
          killed.add(slot);
        }
      }
    }
  }

  /**
   * Takes every cause away. What the world itself had started and a fault killed is started again;
   * a killed v2 is not, since the world never started it.
   */
  synchronized void repair() throws IOException, InterruptedException {
    controls.clear();
    migration.writeGood();
    documents.repair();
    parts.repair();
    redis.start();
    ai.open();
    for (String slot : killed) {
      if (services.running(slot).isEmpty()) {
        services.start(slot.equals(Slots.STAGING) ? "v2" : "v1", List.of(slot));
      }
    }
    killed.clear();
  }
}
