package io.belay.playground;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The backend application with its database, and nothing else: for the runbook that is about it.
 */
public final class BackendScene implements Scene, Closeable {

  private final Path directory;
  private final PlaygroundPostgres postgres;
  private final Notifications notifications;
  private final BackendWorld backend;
  private final ControlFiles controls;
  private final WorldFingerprint pristine;

  private BackendScene() throws Exception {
    directory = WorldDirectory.create();
    Runtime.getRuntime().addShutdownHook(new Thread(this::closeQuietly, "backend-end"));
    PidFile.ofWorld(directory).write("world");
    Reaper.start(directory);
    postgres = PlaygroundPostgres.start(directory, 10);
    notifications = Notifications.start();
    controls = new ControlFiles(directory);
    backend = new BackendWorld(directory, postgres);
    backend.open();
    pristine = fingerprint();
  }

  public static BackendScene start() {
    return Work.run(BackendScene::new);
  }

  /** The users of the application. */
  public SteadyLoad users() {
    return backend.users();
  }

  @Override
  public void fault(Fault fault) {
    Work.perform(
        () -> {
          if (fault.kind().control() == null) {
            backend.cause(fault);
          } else {
            controls.switchOn(fault);
          }
        });
  }

  @Override
  public void repair() {
    Work.perform(
        () -> {
          controls.clear();
          backend.repair();
        });
  }

  @Override
  public void reset() {
    repair();
    Work.perform(backend::reset);
    List<String> differences = fingerprint().differencesFrom(pristine);
    if (!differences.isEmpty()) {
      throw new IllegalStateException("reset left differences: " + differences);
    }
  }

  @Override
  public WorldFingerprint fingerprint() {
    return Work.run(
        () -> {
          SortedMap<String, String> facts = new TreeMap<>(WorldFingerprint.ofDatabases(postgres));
          backend.describe(facts);
          return new WorldFingerprint(facts);
        });
  }

  @Override
  public Map<String, String> properties() {
    Map<String, String> properties = new TreeMap<>(backend.properties());
    properties.put("playground.directory", directory.toString());
    properties.put("playground.postgres.port", String.valueOf(postgres.port()));
    properties.put("playground.postgres.password", postgres.password());
    properties.put("playground.notifications.url", notifications.url().toString());
    return properties;
  }

  private void closeQuietly() {
    try {
      close();
    } catch (IOException e) {
      System.err.println("playground: " + e);
    }
  }

  @Override
  public void close() throws IOException {
    backend.close();
    notifications.close();
    postgres.close();
    WorldDirectory.remove(directory);
  }
}
