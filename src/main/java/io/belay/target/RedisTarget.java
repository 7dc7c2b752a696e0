package io.belay.target;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** A Redis server with all its databases ({@code type: redis}). */
@Described("A Redis server, all its databases.")
@ProtectedKind
public record RedisTarget(
    @NotBlank String host,
    @Min(1) @Max(65535) @DefaultValue("6379") int port,
    @NotNull @DefaultValue("") String username,
    @NotNull @DefaultValue("") Secret password,
    @Described("the lowest major version that the runbook supports") @DefaultValue("5")
        int minimumVersion,
    @Described("bound for one request") @DefaultValue("5s") Duration timeout)
    implements Target {

  @Override
  public Optional<String> identity() {
    return Optional.of(Identity.server("redis", host, port));
  }

  @Override
  public boolean holdsData() {
    return true;
  }

  @Override
  public TargetIdentity.By comparedBy() {
    return TargetIdentity.By.REDIS;
  }

  @Override
  public String describe() {
    return "Redis at %s:%d".formatted(host, port);
  }

  @Override
  public List<Secret> secrets() {
    return List.of(password);
  }
}
