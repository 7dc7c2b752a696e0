package io.belay.capability.check;

import io.belay.target.Described;
import io.belay.target.Identity;
import io.belay.target.ProtectedKind;
import io.belay.target.Secret;
import io.belay.target.Target;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** A MongoDB server whose reachability and version a runbook demands ({@code type: mongodb}). */
@Described("A MongoDB server whose reachability and version a runbook demands.")
@ProtectedKind
public record MongoTarget(
    @NotBlank String host,
    @Min(1) @Max(65535) @DefaultValue("27017") int port,
    @NotNull @DefaultValue("") String username,
    @NotNull @DefaultValue("") Secret password,
    @Described("the lowest major version that the runbook supports") @DefaultValue("4")
        int minimumVersion,
    @Described("bound for one request") @DefaultValue("5s") Duration timeout)
    implements Target {

  @Override
  public Optional<String> identity() {
    return Optional.of(Identity.server("mongodb", host, port));
  }

  @Override
  public boolean holdsData() {
    return true;
  }

  @Override
  public String describe() {
    return "MongoDB at %s:%d".formatted(host, port);
  }

  @Override
  public List<Secret> secrets() {
    return List.of(password);
  }
}
