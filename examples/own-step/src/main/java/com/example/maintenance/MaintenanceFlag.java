package com.example.maintenance;

import io.belay.target.Described;
import io.belay.target.Target;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** A file that a web server looks for: while it is there, users see its text ({@code type: maintenance-flag}). */
@Described("A file by which a web server shows a maintenance page.")
public record MaintenanceFlag(
    @Described("the file; its directory must exist") @NotNull Path file,
    @Described("what the file says") @DefaultValue("We are back soon.") String text)
    implements Target {

  /** Two runs must not set the same flag; what has an identity is held by one run at a time. */
  @Override
  public Optional<String> identity() {
    return Optional.of("maintenance-flag:" + file.toAbsolutePath().normalize());
  }

  @Override
  public String describe() {
    return "maintenance flag " + file;
  }
}
