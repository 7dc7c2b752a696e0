package io.belay.security;

/** No token was issued, or no key changed; the message names the rule that forbids it. */
public class TokenRefused extends RuntimeException {

  /** Which kind of rule. */
  public enum Reason {
    /** The caller's rights or way of logging in. */
    NOT_ALLOWED,
    /** What was asked for does not exist. */
    INVALID
  }

  private final Reason reason;

  TokenRefused(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
