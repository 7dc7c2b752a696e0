package io.belay.capability.configuration;

import io.belay.step.StepContext;
import io.belay.step.ValueStore;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * Values in an env file. All else in the file stays as it is; a copy of it is kept as an artifact
 * before it is written.
 */
final class EnvFileValues implements ValueStore {

  private final Path path;
  private final EnvDialect dialect;
  private final StepContext context;

  EnvFileValues(ValuesTarget target, StepContext context) throws IOException {
    this.path = ConfigurationFile.resolve(target.file());
    this.dialect = target.dialect();
    this.context = context;
  }

  private ConfigurationFile file() throws IOException {
    return ConfigurationFile.read(path)
        .orElseThrow(
            () ->
                new TargetException(
                    "the env file %s does not exist; nothing was done. Make it, then retry"
                        .formatted(path)));
  }

  private EnvFile parsed(byte[] content) {
    EnvFile file = EnvFile.parse(content, dialect);
    if (!file.problems().isEmpty()) {
      throw new TargetException(
          "the env file %s is not understood: %s; nothing was written. Correct it, then retry"
              .formatted(path, String.join(", ", file.problems())));
    }
    return file;
  }

  @Override
  public Map<String, String> read(Collection<String> keys) throws IOException {
    Map<String, EnvFile.Entry> entries = parsed(file().content()).entries();
    Map<String, String> values = new TreeMap<>();
    for (String key : keys) {
      values.put(key, entries.containsKey(key) ? entries.get(key).raw().reveal() : null);
    }
    return values;
  }

  @Override
  public Map<String, String> plain(Collection<String> keys) throws IOException {
    Map<String, EnvFile.Entry> entries = parsed(file().content()).entries();
    Map<String, String> values = new TreeMap<>();
    for (String key : keys) {
      values.put(key, entries.containsKey(key) ? entries.get(key).value().reveal() : null);
    }
    return values;
  }

  /** Whether a file can hold the value so that each reader reads the same. */
  static boolean canStore(String value) {
    return !value.matches("(?s).*['\\\\\\n\\r].*");
  }

  /** Each reader takes these characters, and single quotes, for what they are. */
  @Override
  public String stored(String value) {
    return value.matches("[A-Za-z0-9_./:@%+,=-]*") ? value : "'" + value + "'";
  }

  /** What an attempt has prepared, and only then puts in place. */
  @Override
  public void settle(Map<String, String> written) throws IOException {
    ConfigurationFile.dropPrepared(path);
  }

  @Override
  public void write(Map<String, String> values) throws Exception {
    ConfigurationFile.dropPrepared(path);
    ConfigurationFile file = file();
    byte[] content = parsed(file.content()).with(values);
    Map<String, EnvFile.Entry> written = parsed(content).entries();
    for (Map.Entry<String, String> value : values.entrySet()) {
      EnvFile.Entry entry = written.get(value.getKey());
      if (value.getValue() == null
          ? entry != null
          : entry == null || !entry.raw().reveal().equals(value.getValue())) {
        throw new TargetException(
            "%s cannot be set in the env file %s, which has it in a way that is not understood; nothing was written"
                .formatted(value.getKey(), path));
      }
    }
    ConfigurationCopy.keep(context, file);
    ConfigurationFile.write(path, content, file.state(), context);
  }
}
