package io.belay.capability.configuration;

import io.belay.capability.configuration.EnvFile.Entry;
import io.belay.target.TargetException;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines that carry the old version's values over to the new version under their new names: for
 * each rename whose old key has a value and whose new key the candidate does not have, in the order
 * of the old file. References to renamed keys follow their names.
 *
 * @param keys the new keys
 * @param content the candidate file with the lines added at its end
 */
record ConfigurationUpdate(List<String> keys, byte[] content) {

  static ConfigurationUpdate of(ConfigurationTarget rules, EnvFile baseline, EnvFile candidate) {
    requireUnderstood("baseline " + rules.baseline(), baseline);
    requireUnderstood("candidate " + rules.candidate(), candidate);
    List<String> keys = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    for (Entry entry : baseline.entries().values()) {
      String key = rules.renames().get(entry.key());
      if (key != null && entry.value().isPresent() && !candidate.entries().containsKey(key)) {
        keys.add(key);
        lines.add("# renamed from " + entry.key());
        lines.add(key + "=" + entry.rawWith(rules.renames()));
      }
    }
    return new ConfigurationUpdate(List.copyOf(keys), candidate.withAdded(lines));
  }

  /** A key that seems to be absent may stand in a line that is not understood. */
  private static void requireUnderstood(String name, EnvFile file) {
    if (!file.problems().isEmpty()) {
      throw new TargetException(
          "%s is not understood: %s; nothing was written. Correct it, then retry"
              .formatted(name, String.join(", ", file.problems())));
    }
  }
}
