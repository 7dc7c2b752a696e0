package io.belay.command;

import io.belay.target.Described;
import io.belay.target.Secret;
import io.belay.target.Target;
import io.belay.target.TargetIdentity;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** A machine on which commands run over SSH ({@code type: host}). */
@Described(
    "A Linux machine on which commands run over SSH: those of a `command` target that names it in `on`.")
public record HostTarget(
    @NotBlank String host,
    @Min(1) @Max(65535) @DefaultValue("22") int port,
    @NotBlank String username,
    @Described(
            "keys by which the host is known: fingerprints (`SHA256:…`, as `ssh-keygen -lf` prints them) or lines of `known_hosts`. A host that shows another key gets no command")
        @NotEmpty
        List<@NotBlank String> hostKeys,
    @Described("file with the private key of the login; absent means the agent") Path key,
    @Described("of the private key") @NotNull @DefaultValue("") Secret passphrase,
    @Described(
            value = "socket of the agent that signs where there is no `key`",
            absent = "`SSH_AUTH_SOCK` of Belay")
        Path agent,
    @Described("bound for connecting and for the login") @DefaultValue("10s")
        Duration connectTimeout)
    implements Target {

  @Override
  public Optional<String> address() {
    return Optional.of("ssh://%s@%s:%d".formatted(username, host.toLowerCase(Locale.ROOT), port));
  }

  @Override
  public Optional<String> identity() {
    return Optional.empty(); // several runs may work on one machine
  }

  @Override
  public TargetIdentity.By comparedBy() {
    return TargetIdentity.By.FACTS;
  }

  @Override
  public String describe() {
    return "%s@%s:%d".formatted(username, host, port);
  }

  @Override
  public List<Secret> secrets() {
    return List.of(passphrase);
  }
}
