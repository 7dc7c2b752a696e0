package io.belay.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.TickingClock;
import io.belay.security.Rights.Account;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/** How long a login counts. What ends it before that is tested through HTTP. */
class LoginsTest {

  private static final Account MONA =
      new Account(List.of(new SimpleGrantedAuthority("ROLE_VIEWER")), "as when she logged in");

  private final TickingClock clock = new TickingClock();

  private final Logins logins =
      new Logins(
          new Rights(null) {
            @Override
            Optional<Account> of(String user) {
              return Optional.of(MONA);
            }
          },
          settings(Duration.ofHours(12)),
          clock);

  @Test
  void login_endsWithItsLifetime_howeverMuchItIsUsed() {
    var login = UsernamePasswordAuthenticationToken.authenticated("mona", null, MONA.authorities());
    login.setDetails(logins.of(MONA));
    for (int hour = 0; hour <= 12; hour++) {
      assertThat(logins.current(login)).as("after %d h", hour).contains(MONA);
      assertThat(logins.stillHolds(login)).as("after %d h", hour).isTrue();
      clock.advance(Duration.ofHours(1));
    }
    assertThat(logins.current(login)).isEmpty();
    assertThat(logins.stillHolds(login)).isFalse();
  }

  @Test
  void sessionThatDoesNotSayWhenItsLoginWas_doesNotCount() {
    var old = UsernamePasswordAuthenticationToken.authenticated("mona", null, MONA.authorities());
    assertThat(logins.current(old)).isEmpty();
    assertThat(logins.stillHolds(() -> "mona")).isFalse();
    assertThat(logins.stillHolds(null)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT59S", "P8D", "-PT1H"})
  void lifetimeOutOfItsLimits_isRefused(Duration lifetime) {
    assertThatThrownBy(() -> settings(lifetime))
        .hasMessageContaining("belay.security.session-lifetime is " + lifetime);
  }

  private static SecuritySettings settings(Duration lifetime) {
    return new SecuritySettings(false, Map.of(), lifetime);
  }
}
