package io.belay.capability.flag;

import io.belay.split.Bucketing;
import io.belay.target.Command;
import io.belay.target.Described;
import io.belay.target.Secret;
import io.belay.target.Target;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** A feature flag ({@code type: flag}). */
@Described(
    "A feature flag that decides which users get the new version: a key of a [values target](#type-values), in a form that the application understands.")
public record FlagTarget(
    @Described("the flag's name, which is the seed: each flag orders users independently") @NotBlank
        String name,
    @Described("name of the `values` target that keeps the flag, and must allow its values")
        @NotBlank
        String values,
    @Described("the flag's key there; for flagd `targeting`, in the flag's object") @NotBlank
        String key,
    @Described(
            "`text`: the text `on`, the text `off` or a rollout; `flagd`: a targeting rule of flagd")
        @NotNull
        @DefaultValue("text")
        Form form,
    @Described(
            "how users become buckets: `belay-1` or `flagd-2`; by default `belay-1`, and `flagd-2` for flagd")
        Bucketing algorithm,
    @Described("the text for everybody, or flagd's variant for the new version") String on,
    @Described("the text for nobody, or flagd's variant for the old version") String off,
    @Described(
            "makes the application read the flag again, and runs after each change, the undo's too; safe to repeat")
        @Valid
        Command restart)
    implements Target {

  /** How the flag is written. */
  public enum Form {
    TEXT("true", "false", Bucketing.BELAY_1),
    FLAGD("on", "off", Bucketing.FLAGD_2);

    private final String on;
    private final String off;
    private final Bucketing algorithm;

    Form(String on, String off, Bucketing algorithm) {
      this.on = on;
      this.off = off;
      this.algorithm = algorithm;
    }
  }

  public FlagTarget {
    on = Objects.requireNonNullElse(on, form == null ? "" : form.on);
    off = Objects.requireNonNullElse(off, form == null ? "" : form.off);
    algorithm = algorithm == null && form != null ? form.algorithm : algorithm;
  }

  /** What the run has set is taken back there and nowhere else. */
  @Override
  public Optional<String> address() {
    return Optional.of(values + "#" + key);
  }

  @Override
  public List<String> alsoChanged() {
    return List.of(values);
  }

  @Override
  public boolean isInstruction() {
    return true;
  }

  @Override
  public String describe() {
    return "flag '%s', as '%s' of '%s'".formatted(name, key, values);
  }

  @Override
  public List<Secret> secrets() {
    return Command.secrets(restart).toList();
  }
}
