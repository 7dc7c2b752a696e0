package io.belay.configuration;

import io.belay.configuration.EnvFile.Entry;
import io.belay.target.ConfigurationTarget;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines that carry the old version's values over to the new version under their new names: for
 * each rename whose old key has a value and whose new key the candidate does not have.
 *
 * @param keys the new keys
 * @param content the candidate file with the lines added at its end
 */
record ConfigurationUpdate(List<String> keys, byte[] content) {

  static ConfigurationUpdate of(ConfigurationTarget rules, EnvFile baseline, EnvFile candidate) {
    List<String> keys = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    rules
        .renames()
        .forEach(
            (old, key) -> {
              Entry entry = baseline.entries().get(old);
              if (entry != null
                  && entry.value().isPresent()
                  && !candidate.entries().containsKey(key)) {
                keys.add(key);
                lines.add("# renamed from " + old);
                lines.add(key + "=" + entry.raw().reveal());
              }
            });
    return new ConfigurationUpdate(List.copyOf(keys), candidate.withAdded(lines));
  }
}
