package io.belay.target;

import io.belay.target.InvalidEnvironment.Problem;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a single value cannot tell: how the settings of a target, and the targets, go together. */
final class EnvironmentRules {

  private static final Set<String> WEB = Set.of("http", "https");

  private final Map<String, Target> targets;
  private final List<Problem> problems;

  EnvironmentRules(Map<String, Target> targets, List<Problem> problems) {
    this.targets = targets;
    this.problems = problems;
  }

  void check() {
    targets.forEach(
        (name, target) -> {
          String key = "targets." + name;
          if (target instanceof MigrationTarget migration) {
            check(migration, key);
          } else if (target instanceof RouterTarget router) {
            check(router, key);
          } else if (target instanceof ServiceTarget service) {
            check(service, key);
          } else if (target instanceof WebhookTarget webhook) {
            require(
                webhook.url().reveal().matches("https?://[^/\\s]+\\S*"),
                key + ".url",
                "must begin with http:// or https:// and a host");
          } else if (target instanceof DocumentStoreTarget documents) {
            new DocumentStoreRules(documents, key, this::require).check();
          } else if (target instanceof ConfigurationTarget files) {
            require(
                !files.baseline().normalize().equals(files.candidate().normalize()),
                key + ".candidate",
                "must be another file than 'baseline'");
          }
          checkParts((Record) target, key);
        });
  }

  private void require(boolean holds, String key, String rule) {
    if (!holds) {
      problems.add(new Problem(key, rule));
    }
  }

  private void check(MigrationTarget migration, String key) {
    require(
        targets.get(migration.database()) instanceof PostgresTarget,
        key + ".database",
        "must be the name of a target of type postgres in this file");
    if (migration.tool() == MigrationTarget.Tool.COMMAND) {
      require(migration.apply() != null, key + ".apply", "is needed for the tool 'command'");
      require(migration.revert() != null, key + ".revert", "is needed for the tool 'command'");
    } else if (migration.changelog() == null || migration.changelog().isBlank()) {
      require(false, key + ".changelog", "is needed for the tool 'liquibase'");
    } else {
      require(exists(migration.changelog()), key + ".changelog", "must be a file that exists");
    }
  }

  private static boolean exists(String changelog) {
    String prefix = "classpath:";
    return changelog.startsWith(prefix)
        ? EnvironmentRules.class
                .getClassLoader()
                .getResource(changelog.substring(prefix.length()).replaceFirst("^/", ""))
            != null
        : Files.isRegularFile(Path.of(changelog));
  }

  private void check(RouterTarget router, String key) {
    web(router.url(), key + ".url");
    URI admin = router.admin();
    if (router.kind() == RouterTarget.Kind.GATEWAY) {
      web(admin, key + ".admin");
    } else {
      boolean tcp =
          "tcp".equals(admin.getScheme()) && admin.getHost() != null && admin.getPort() > 0;
      boolean unix = "unix".equals(admin.getScheme()) && admin.getPath() != null;
      require(
          tcp || unix,
          key + ".admin",
          "must be tcp://host:port or unix:///path for kind 'haproxy'");
      haproxyName(router.backend(), key + ".backend");
      haproxyName(router.baseline(), key + ".baseline");
      haproxyName(router.candidate(), key + ".candidate");
    }
    require(
        !router.baseline().equals(router.candidate()),
        key + ".candidate",
        "must be another server than 'baseline'");
  }

  private void check(ServiceTarget service, String key) {
    web(service.url(), key + ".url");
    require(!service.url().toString().endsWith("/"), key + ".url", "must not end with a slash");
    path(service.health(), key + ".health");
    path(service.ready(), key + ".ready");
    path(service.metrics(), key + ".metrics");
    path(service.webhook(), key + ".webhook");
    for (int i = 0; i < service.endpoints().size(); i++) {
      endpoint(service.endpoints().get(i), key + ".endpoints[" + i + "]");
    }
    paths(service.integrations(), key + ".integrations");
    Set<String> names = new HashSet<>();
    for (int i = 0; i < service.instances().size(); i++) {
      ServiceTarget.Instance instance = service.instances().get(i);
      String at = key + ".instances[" + i + "]";
      web(instance.url(), at + ".url");
      require(names.add(instance.name()), at + ".name", "must be unique within the service");
    }
  }

  /** The names that HAProxy itself takes; anything else would be another command to it. */
  private void haproxyName(String name, String key) {
    require(name.matches("[A-Za-z0-9_.:-]+"), key, "must be letters, digits and . _ : -");
  }

  private void web(URI uri, String key) {
    require(
        WEB.contains(String.valueOf(uri.getScheme())) && uri.getHost() != null,
        key,
        Shape.rule(URI.class));
  }

  private void endpoint(String written, String key) {
    try {
      path(Endpoint.parse(written).path(), key);
    } catch (IllegalArgumentException e) {
      require(false, key, "must be a path, or a path and a status such as '/admin 401'");
    }
  }

  private void paths(List<String> paths, String key) {
    for (int i = 0; i < paths.size(); i++) {
      path(paths.get(i), key + "[" + i + "]");
    }
  }

  private void path(String path, String key) {
    require(
        path == null || path.matches("/\\S*") && isAddress(path),
        key,
        "must be a path that begins with a slash");
  }

  private static boolean isAddress(String path) {
    try {
      new URI("http://host" + path);
      return true;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** Durations and commands, wherever they stand. */
  private void checkParts(Object value, String key) {
    if (value instanceof Duration duration) {
      require(duration.compareTo(Duration.ZERO) > 0, key, "must be longer than nothing");
    } else if (value instanceof Command command) {
      String program = command.arguments().get(0);
      require(!program.isBlank(), key + ".arguments[0]", "must name a program");
      require(
          command.arguments().size() > 1
              || !program.contains(" ")
              || Files.exists(Path.of(program)),
          key + ".arguments",
          "must be a list with one item for each argument, such as [docker, start, main-server]");
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        checkParts(list.get(i), key + "[" + i + "]");
      }
    }
    if (value instanceof Record part) {
      for (RecordComponent component : part.getClass().getRecordComponents()) {
        try {
          checkParts(
              component.getAccessor().invoke(part),
              key + "." + TargetBinding.dashed(component.getName()));
        } catch (ReflectiveOperationException e) {
          throw new IllegalStateException("record " + part.getClass() + " cannot be read", e);
        }
      }
    }
  }
}
