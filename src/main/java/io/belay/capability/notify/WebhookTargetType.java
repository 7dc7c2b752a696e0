package io.belay.capability.notify;

import io.belay.target.SettingRules;
import io.belay.target.TargetType;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** {@code type: webhook}. */
@Component
final class WebhookTargetType implements TargetType<WebhookTarget> {

  private static final Duration LONGEST = Duration.ofSeconds(30);

  @Override
  public String name() {
    return "webhook";
  }

  @Override
  public Class<WebhookTarget> settings() {
    return WebhookTarget.class;
  }

  @Override
  public void check(WebhookTarget webhook, SettingRules rules) {
    rules.require(
        webhook.url().reveal().matches("https?://[^/\\s]+\\S*"),
        "url",
        "must begin with http:// or https:// and a host");
    rules.require(
        webhook.timeout().compareTo(LONGEST) <= 0,
        "timeout",
        "must be at most %ds: while a longer request waits, the message would be sent again"
            .formatted(LONGEST.toSeconds()));
  }
}
