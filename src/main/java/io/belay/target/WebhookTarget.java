package io.belay.target;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * An incoming webhook that people read, Slack's format ({@code type: webhook}).
 *
 * @param url the whole address; it is a secret, since whoever has it can post
 */
public record WebhookTarget(@NotNull Secret url, @DefaultValue("5s") Duration timeout)
    implements Target {

  /** Tells one webhook from another without telling the secret. */
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
    return List.of(url);
  }
}
