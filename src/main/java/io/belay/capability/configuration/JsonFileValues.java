package io.belay.capability.configuration;

import io.belay.step.StepContext;
import io.belay.step.ValueStore;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Members of one object in a JSON file. All else in the file stays byte for byte; a copy of it is
 * kept as an artifact before it is written.
 */
final class JsonFileValues implements ValueStore {

  private final Path path;
  private final String at;
  private final StepContext context;

  JsonFileValues(ValuesTarget target, StepContext context) throws IOException {
    this.path = ConfigurationFile.resolve(target.file());
    this.at = target.object();
    this.context = context;
  }

  private ConfigurationFile file() throws IOException {
    return ConfigurationFile.read(path)
        .orElseThrow(
            () ->
                new TargetException(
                    "the JSON file %s does not exist; nothing was done. Make it, then retry"
                        .formatted(path)));
  }

  private JsonText parsed(ConfigurationFile file) {
    try {
      return JsonText.of(file.content(), at);
    } catch (TargetException e) {
      throw new TargetException(
          "%s: %s; nothing was written. Correct it, then retry".formatted(path, e.getMessage()), e);
    }
  }

  @Override
  public Map<String, String> read(Collection<String> keys) throws IOException {
    JsonText json = parsed(file());
    Map<String, String> values = new TreeMap<>();
    keys.forEach(key -> values.put(key, json.value(key)));
    return values;
  }

  @Override
  public Map<String, String> plain(Collection<String> keys) throws IOException {
    Map<String, String> values = read(keys);
    values.replaceAll((key, value) -> JsonText.plain(value));
    return values;
  }

  @Override
  public String stored(String value) {
    return JsonText.stored(value);
  }

  @Override
  public void settle(Map<String, String> written) throws IOException {
    ConfigurationFile.dropPrepared(path);
  }

  @Override
  public void write(Map<String, String> values) throws Exception {
    ConfigurationFile.dropPrepared(path);
    ConfigurationFile file = file();
    JsonText json = parsed(file);
    for (Map.Entry<String, String> value : values.entrySet()) {
      json = json.with(value.getKey(), value.getValue());
      if (!Objects.equals(json.value(value.getKey()), value.getValue())) {
        throw new TargetException(
            "%s cannot be set in %s: it becomes another value; nothing was written"
                .formatted(value.getKey(), path));
      }
    }
    ConfigurationCopy.keep(context, file);
    ConfigurationFile.write(path, json.bytes(), file.state(), context);
  }
}
