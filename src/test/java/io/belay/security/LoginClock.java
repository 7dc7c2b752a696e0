package io.belay.security;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/**
 * The clock by which a Belay of the tests counts the waits after wrong passwords. A test stops it,
 * so that a pause of a busy machine ends no wait.
 */
public class LoginClock extends Clock {

  private volatile Instant stopped;

  @Bean
  @Primary
  LoginLimits limitsByLoginClock() {
    return new LoginLimits(this);
  }

  public void stop() {
    stopped = Instant.now();
  }

  public void goOn() {
    stopped = null;
  }

  @Override
  public Instant instant() {
    Instant still = stopped;
    return still == null ? Instant.now() : still;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException();
  }
}
