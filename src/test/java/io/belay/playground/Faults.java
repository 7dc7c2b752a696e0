package io.belay.playground;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

/** Switches faults on, and all of them off again. */
final class Faults {

  private final Path directory;
  private final ServiceControl services;
  private final PlaygroundRedis redis;
  private final AiService ai;
  private final MigrationFiles migration;
  private final DocumentFaults documents;
  private final Map<String, Properties> controls = new LinkedHashMap<>();
  private final List<String> killed = new ArrayList<>();

  Faults(
      Path world,
      ServiceControl services,
      PlaygroundRedis redis,
      AiService ai,
      MigrationFiles migration,
      DocumentFiles documents)
      throws IOException {
    this.directory = Files.createDirectories(world.resolve("faults"));
    this.services = services;
    this.redis = redis;
    this.ai = ai;
    this.migration = migration;
    this.documents = new DocumentFaults(documents);
  }

  synchronized void cause(Fault fault) throws IOException, InterruptedException {
    switch (fault.kind()) {
      case ERROR_RATE, RESET, NOT_FOUND, LATENCY, ERROR_LINES, WRONG_WEBHOOK -> control(fault);
      case DOWN -> {
        control(fault);
        kill(fault.service());
      }
      case AI_DOWN -> ai.close();
      case REDIS_DOWN -> redis.stop();
      case DATA_CORRUPTION -> migration.writeCorrupting();
      case MIGRATION -> migration.writeFailing();
      case UNREADABLE_DOCUMENTS, PLAIN_PASSWORD, CHANGING_DOCUMENTS, BROKEN_STORE ->
          documents.cause(fault.kind());
    }
  }

  private void control(Fault fault) throws IOException {
    Properties control = controls.computeIfAbsent(fault.service(), name -> new Properties());
    control.setProperty(fault.kind().control(), String.valueOf(fault.amount()));
    Path temporary = directory.resolve(fault.service() + ".writing");
    try (var writer = Files.newBufferedWriter(temporary)) {
      control.store(writer, null);
    }
    Files.move(
        temporary,
        directory.resolve(fault.service() + ".properties"),
        StandardCopyOption.ATOMIC_MOVE);
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
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    migration.writeGood();
    documents.repair();
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
