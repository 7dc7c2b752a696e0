package io.belay.security;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.web.authentication.logout.LogoutHandler;
import org.springframework.security.web.authentication.logout.LogoutSuccessHandler;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * Ends a login at the provider that made it, after the one at Belay (OpenID Connect RP-Initiated
 * Logout 1.0). Only where the provider names an {@code end_session_endpoint} at its own address:
 * pages of Belay lead nowhere else. A login with a password ends at Belay's own page.
 */
final class OidcLogout implements LogoutHandler, LogoutSuccessHandler {

  /** The session's attribute that holds the id token, by which the provider knows the login. */
  private static final String ID_TOKEN = OidcLogout.class.getName() + ".idToken";

  private static final String TARGET = OidcLogout.class.getName() + ".target";
  private static final Logger log = LoggerFactory.getLogger(OidcLogout.class);

  private final Supplier<ClientRegistration> provider;
  private final String issuer;

  OidcLogout(Supplier<ClientRegistration> provider, String issuer) {
    this.provider = provider;
    this.issuer = issuer;
  }

  static void remember(HttpSession session, String idToken) {
    session.setAttribute(ID_TOKEN, idToken);
  }

  static String origin(String address) {
    URI uri = URI.create(address);
    return uri.getScheme() + "://" + uri.getRawAuthority();
  }

  /** Called while the session still exists. */
  @Override
  public void logout(
      HttpServletRequest request, HttpServletResponse response, Authentication person) {
    HttpSession session = request.getSession(false);
    if (session != null
        && session.getAttribute(ID_TOKEN) instanceof String token
        && request.getServletPath().equals("/logout")) {
      endpoint()
          .ifPresent(
              endpoint ->
                  request.setAttribute(
                      TARGET,
                      UriComponentsBuilder.fromUriString(endpoint)
                          .queryParam("id_token_hint", "{token}")
                          .queryParam("post_logout_redirect_uri", "{login}")
                          .encode()
                          .buildAndExpand(
                              token,
                              ServletUriComponentsBuilder.fromContextPath(request)
                                  .path("/login")
                                  .toUriString())
                          .toUriString()));
    }
  }

  private Optional<String> endpoint() {
    try {
      Object named =
          provider
              .get()
              .getProviderDetails()
              .getConfigurationMetadata()
              .get("end_session_endpoint");
      return Optional.ofNullable(named)
          .map(Object::toString)
          .filter(endpoint -> origin(endpoint).equals(origin(issuer)));
    } catch (RuntimeException unreachable) {
      log.warn("The login at the provider goes on: it does not answer: {}", unreachable.toString());
      return Optional.empty();
    }
  }

  /** Whether the request's logout continues at the provider. */
  static boolean goesOn(HttpServletRequest request) {
    return request.getAttribute(TARGET) != null;
  }

  @Override
  public void onLogoutSuccess(
      HttpServletRequest request, HttpServletResponse response, Authentication person)
      throws IOException {
    response.sendRedirect((String) request.getAttribute(TARGET));
  }
}
