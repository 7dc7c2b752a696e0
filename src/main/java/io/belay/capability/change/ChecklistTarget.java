package io.belay.capability.change;

import io.belay.target.Described;
import io.belay.target.Target;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.util.List;

/** A list of checks and changes that a run goes through ({@code type: checklist}). */
@Described("A list of checks and changes that a run goes through item by item.")
public record ChecklistTarget(
    @Described("a YAML file with `pre_checks`, `steps` and `post_checks`") @NotNull Path file)
    implements Target {

  @Override
  public String describe() {
    return "checklist " + file;
  }

  @Override
  public List<Path> reads() {
    return List.of(file);
  }

  @Override
  public boolean isInstruction() {
    return true;
  }
}
