package io.belay.security;

import io.belay.target.Secret;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Users to create at the start, if they are not there yet ({@code belay.security.*}).
 *
 * @param playground whether well-known passwords are allowed; only the playground sets it
 */
@Validated
@ConfigurationProperties("belay.security")
public record SecuritySettings(
    @DefaultValue("false") boolean playground, @Valid @DefaultValue Map<String, Account> users) {

  /** One user. */
  public record Account(@NotNull Secret password, @NotEmpty List<Role> roles) {}
}
