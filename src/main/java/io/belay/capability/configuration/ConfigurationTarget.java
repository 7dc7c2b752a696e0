package io.belay.capability.configuration;

import io.belay.target.Described;
import io.belay.target.Identity;
import io.belay.target.Target;
import io.belay.target.TargetIdentity;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** The configuration files of the old and the new version ({@code type: configuration}). */
@Described("The configuration files of the old and the new version.")
public record ConfigurationTarget(
    @Described("the old version's `.env`") @NotNull Path baseline,
    @Described("the new version's `.env`") @NotNull Path candidate,
    @Described(
            "who reads both files: `dotenv` (the npm package), `compose` (Docker Compose), `systemd` (`EnvironmentFile`), `shell` (a script that sources it)")
        @NotNull
        @DefaultValue("dotenv")
        EnvDialect dialect,
    @Described("old key to new key") @DefaultValue Map<String, String> renames,
    @Described("keys that the new version demands and the old one did not know") @DefaultValue
        List<String> added,
    @Described("keys that may be missing or empty in the new version") @DefaultValue
        List<String> optional,
    @Described("further files and directories that belong into the backup") @DefaultValue
        List<Path> files)
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
  public TargetIdentity.By comparedBy() {
    return TargetIdentity.By.FILES;
  }

  @Override
  public String describe() {
    return "configuration files %s and %s".formatted(baseline, candidate);
  }
}
