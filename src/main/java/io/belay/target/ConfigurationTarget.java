package io.belay.target;

import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The configuration files of the old and the new version ({@code type: configuration}).
 *
 * @param baseline the old version's {@code .env}
 * @param candidate the new version's {@code .env}
 * @param renames old key to new key
 * @param added keys that the new version demands and the old one did not know
 * @param optional keys that may be missing or empty in the new version
 * @param files further files and directories that belong into the backup
 */
public record ConfigurationTarget(
    @NotNull Path baseline,
    @NotNull Path candidate,
    @DefaultValue Map<String, String> renames,
    @DefaultValue List<String> added,
    @DefaultValue List<String> optional,
    @DefaultValue List<Path> files)
    implements Target {

  @Override
  public Optional<String> identity() {
    return Optional.of(Identity.file("configuration", candidate));
  }

  @Override
  public Optional<String> address() {
    return Optional.of(
        Identity.file("baseline", baseline) + ", " + Identity.file("candidate", candidate));
  }

  @Override
  public String describe() {
    return "configuration files %s and %s".formatted(baseline, candidate);
  }
}
