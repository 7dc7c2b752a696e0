package io.belay.capability.configuration;

import io.belay.target.FileFacts;
import io.belay.target.SettingRules;
import io.belay.target.TargetType;
import java.io.IOException;
import java.util.SortedMap;
import org.springframework.stereotype.Component;

/** {@code type: configuration}. Its identity is where the two files are. */
@Component
final class ConfigurationTargetType implements TargetType<ConfigurationTarget> {

  @Override
  public String name() {
    return "configuration";
  }

  @Override
  public Class<ConfigurationTarget> settings() {
    return ConfigurationTarget.class;
  }

  @Override
  public void check(ConfigurationTarget files, SettingRules rules) {
    rules.require(
        !files.baseline().normalize().equals(files.candidate().normalize()),
        "candidate",
        "must be another file than 'baseline'");
  }

  @Override
  public SortedMap<String, String> identify(ConfigurationTarget files) throws IOException {
    return new FileFacts()
        .file("baseline", files.baseline())
        .file("candidate", files.candidate())
        .all();
  }
}
