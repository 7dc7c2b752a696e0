package io.belay.capability.notify;

import io.belay.target.Described;
import io.belay.target.Identity;
import io.belay.target.Secret;
import io.belay.target.Target;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** An incoming webhook that people read, Slack's format ({@code type: webhook}). */
@Described("An incoming webhook that people read, Slack's format.")
public record WebhookTarget(
    @Described("the whole address; it is a secret, since whoever has it can post") @NotNull
        Secret url,
    @Described("bound for one request; at most 30s") @DefaultValue("5s") Duration timeout,
    @Described("with which each message is signed; a secret") Secret signingKey,
    @Described("whether a run waits until the message was delivered") @DefaultValue("false")
        boolean required)
    implements Target {

  /** Distinguishes webhooks without revealing the secret. */
  @Override
  public Optional<String> address() {
    return Optional.of("webhook:sha256:" + Identity.digest(url.reveal()));
  }

  @Override
  public String describe() {
    return "webhook";
  }

  @Override
  public List<Secret> secrets() {
    return signingKey == null ? List.of(url) : List.of(url, signingKey);
  }
}
