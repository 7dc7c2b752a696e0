package io.belay.security;

import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;

/** Why a login by the provider is refused, in a sentence for the login page. */
public enum OidcRefusal {
  NAME(
      "The provider sends no name that can be one here: letters (a to z), digits, '.', '_', '@' and '-',"
          + " at most 64, beginning with a letter or digit."),
  TAKEN(
      "Your name belongs to another user of Belay, whom you cannot log in as. Ask an administrator of"
          + " Belay for another name at the provider, or to remove that user."),
  NO_ROLE(
      "None of your groups at the provider has a role in Belay. Ask for a group there that has one."),
  FAILED(
      "The provider did not log you in. Try again; if it does not help, an administrator finds the"
          + " reason in Belay's log.");

  private final String sentence;

  OidcRefusal(String sentence) {
    this.sentence = sentence;
  }

  /** The sentence for the code on the login page; any other text is a failure. */
  public static String sentence(String code) {
    return of(code).sentence;
  }

  static OidcRefusal of(String code) {
    for (OidcRefusal refusal : values()) {
      if (refusal.name().equals(code)) {
        return refusal;
      }
    }
    return FAILED;
  }

  OAuth2AuthenticationException because(String reason) {
    return new OAuth2AuthenticationException(new OAuth2Error(name()), reason);
  }
}
