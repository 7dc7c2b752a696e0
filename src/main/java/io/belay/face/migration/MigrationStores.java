package io.belay.face.migration;

import io.belay.capability.document.DocumentStoreTarget;
import io.belay.target.Environment;
import io.belay.target.Environments;
import io.belay.target.InvalidEnvironment;
import io.belay.target.UnknownEnvironment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * Finds the store of a call. The result is cached for a second, since applications ask many times a
 * second, and reading and checking an environment takes longer than most queries.
 */
@Component
@EnableConfigurationProperties(MigrationSettings.class)
class MigrationStores {

  /**
   * @param name of the target
   */
  record Store(Environment environment, String name, DocumentStoreTarget target) {}

  private static final long REMEMBERED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private record Found(Store store, long at) {}

  private final Environments environments;
  private final MigrationSettings settings;
  private final Map<String, Found> found = new ConcurrentHashMap<>();

  MigrationStores(Environments environments, MigrationSettings settings) {
    this.environments = environments;
    this.settings = settings;
  }

  /**
   * @param named environment that the call names; null when it names none
   * @throws MigrationRefused when there is no such store, or more than one
   * @throws InvalidEnvironment when the named or configured environment has mistakes
   */
  Store store(String named) {
    String name = named != null && !named.isBlank() ? named : settings.environment();
    Found last = found.get(name);
    if (last != null && System.nanoTime() - last.at() < REMEMBERED_NANOS) {
      return last.store();
    }
    Store store = name.isBlank() ? only() : inEnvironment(name);
    found.put(name, new Found(store, System.nanoTime()));
    return store;
  }

  private Store inEnvironment(String name) {
    try {
      Environment environment = environments.load(name);
      if (!hasStore(environment)) {
        throw MigrationRefused.notFound(
            "Environment '%s' has no document store '%s'.".formatted(name, settings.target()));
      }
      return store(environment);
    } catch (UnknownEnvironment unknown) {
      throw MigrationRefused.notFound(unknown.getMessage());
    }
  }

  private Store only() {
    List<Environment> found = new ArrayList<>();
    for (String name : environments.names()) {
      try {
        Environment environment = environments.load(name);
        if (hasStore(environment)) {
          found.add(environment);
        }
      } catch (InvalidEnvironment another) {
        // reported at the start and when it is named; ignored here
      }
    }
    if (found.isEmpty()) {
      throw MigrationRefused.notFound(
          "No environment has a document store '%s'; there are %s."
              .formatted(settings.target(), environments.names()));
    }
    if (found.size() > 1) {
      throw MigrationRefused.conflict(
          "Environments %s have a document store: name one with ?environment=, or set belay.migration.environment."
              .formatted(found.stream().map(Environment::name).toList()));
    }
    return store(found.get(0));
  }

  private boolean hasStore(Environment environment) {
    return environment.targets().get(settings.target()) instanceof DocumentStoreTarget;
  }

  private Store store(Environment environment) {
    return new Store(
        environment,
        settings.target(),
        environment.target(settings.target(), DocumentStoreTarget.class));
  }
}
