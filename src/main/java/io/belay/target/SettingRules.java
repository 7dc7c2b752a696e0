package io.belay.target;

import io.belay.target.InvalidEnvironment.Problem;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects what is wrong with the settings of one target. */
public final class SettingRules {

  private static final Set<String> WEB = Set.of("http", "https");

  private final String key;
  private final TargetTypes types;
  private final Map<String, Target> targets;
  private final List<Problem> problems;

  SettingRules(String key, TargetTypes types, Map<String, Target> targets, List<Problem> problems) {
    this.key = key;
    this.types = types;
    this.targets = targets;
    this.problems = problems;
  }

  /**
   * @param setting as in the file: {@code url}, {@code instances[0].url}
   * @param rule what the setting must be, beginning with "must be" or the like
   */
  public void require(boolean holds, String setting, String rule) {
    if (!holds) {
      problems.add(new Problem(key + "." + setting, rule));
    }
  }

  /** Requires that the setting names another target of the environment, of the given type. */
  public void target(String name, String type, String setting) {
    Target target = targets.get(name);
    require(
        target != null && types.of(target).name().equals(type),
        setting,
        "must be the name of a target of type %s in this file".formatted(type));
  }

  /**
   * Requires that the setting names another target of the environment, a database that answers SQL.
   */
  public void sql(String name, String setting) {
    require(
        targets.get(name) instanceof SqlTarget,
        setting,
        "must be the name of a target of type postgres or database in this file");
  }

  /** Requires that the setting names other targets of the environment. */
  public void targets(List<String> names, String setting) {
    for (int i = 0; i < names.size(); i++) {
      require(
          targets.containsKey(names.get(i)),
          "%s[%d]".formatted(setting, i),
          "must be the name of a target in this file");
    }
  }

  /** Requires an HTTP address. */
  public void web(URI uri, String setting) {
    require(
        WEB.contains(String.valueOf(uri.getScheme())) && uri.getHost() != null,
        setting,
        Shape.rule(URI.class));
  }

  /** Requires a path of an HTTP address, or that it is absent. */
  public void path(String path, String setting) {
    require(
        path == null || path.matches("/\\S*") && isAddress(path),
        setting,
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
}
