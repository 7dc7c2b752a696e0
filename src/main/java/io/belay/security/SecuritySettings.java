package io.belay.security;

import io.belay.target.Secret;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Users to create at the start, if they are not there yet, and how logins end ({@code
 * belay.security.*}).
 *
 * @param playground whether well-known passwords are allowed; only the playground sets it
 * @param sessionLifetime how long a login to the pages counts, even in constant use
 */
@Validated
@ConfigurationProperties("belay.security")
public record SecuritySettings(
    @DefaultValue("false") boolean playground,
    @Valid @DefaultValue Map<String, Account> users,
    @NotNull @DefaultValue("12h") Duration sessionLifetime) {

  private static final Duration SHORTEST = Duration.ofMinutes(1);
  private static final Duration LONGEST = Duration.ofDays(7);

  public SecuritySettings {
    if (sessionLifetime != null
        && (sessionLifetime.compareTo(SHORTEST) < 0 || sessionLifetime.compareTo(LONGEST) > 0)) {
      throw new IllegalArgumentException(
          "belay.security.session-lifetime is %s; it must be from %s to %s"
              .formatted(sessionLifetime, SHORTEST, LONGEST));
    }
  }

  /** One user. */
  public record Account(@NotNull Secret password, @NotEmpty List<Role> roles) {}
}
