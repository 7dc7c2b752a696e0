package io.belay.security;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.http.OAuth2ErrorResponseErrorHandler;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserRequest;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistration.ClientSettings;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.client.userinfo.DefaultOAuth2UserService;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestRedirectFilter;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.authentication.SavedRequestAwareAuthenticationSuccessHandler;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;

/**
 * Login by an OpenID Connect provider, besides names and passwords: authorization code with state,
 * nonce and PKCE. It ends in the same kind of session. Of the provider's tokens Belay keeps only
 * the id token, in the session, to end the login at the provider with it ({@link OidcLogout}).
 */
@Component
class OidcLogin {

  /** Part of {@code /oauth2/authorization/oidc} and {@code /login/oauth2/code/oidc}. */
  static final String ID = "oidc";

  private static final Logger log = LoggerFactory.getLogger(OidcLogin.class);

  private final OidcSettings settings;
  private final OidcUsers users;
  private final Rights rights;
  private final Logins logins;
  private final SimpleClientHttpRequestFactory requests = OidcTokens.requests();
  private final ReentrantLock reading = new ReentrantLock();
  private final SavedRequestAwareAuthenticationSuccessHandler onward =
      new SavedRequestAwareAuthenticationSuccessHandler();
  private volatile ClientRegistration provider;

  OidcLogin(OidcSettings settings, OidcUsers users, Rights rights, Logins logins) {
    this.settings = settings;
    this.users = users;
    this.rights = rights;
    this.logins = logins;
  }

  /** Adds the login where a provider is configured, and nothing elsewhere. */
  void addTo(HttpSecurity http) throws Exception {
    if (!settings.isOn()) {
      return;
    }
    OidcLogout logout = new OidcLogout(() -> find(ID), settings.issuer());
    http.logout(
        end ->
            end.addLogoutHandler(logout)
                .defaultLogoutSuccessHandlerFor(logout, OidcLogout::goesOn));
    http.oauth2Login(
        login ->
            login
                .loginPage("/login")
                .clientRegistrationRepository(this::find)
                .authorizedClientRepository(new KeepsNoTokens())
                .tokenEndpoint(token -> token.accessTokenResponseClient(tokens()))
                .userInfoEndpoint(info -> info.oidcUserService(userService()))
                .successHandler(this::succeeded)
                .failureHandler(OidcLogin::refused)
                .withObjectPostProcessor(
                    new ObjectPostProcessor<OAuth2AuthorizationRequestRedirectFilter>() {
                      @Override
                      public <T extends OAuth2AuthorizationRequestRedirectFilter> T postProcess(
                          T filter) {
                        filter.setAuthenticationFailureHandler(OidcLogin::refused);
                        return filter;
                      }
                    }));
  }

  /** The origin outside Belay to which a form of its pages may lead, as the logout does. */
  String formTarget() {
    return settings.isOn() ? OidcLogout.origin(settings.issuer()) : "";
  }

  /**
   * The provider as it describes itself, read at the first login: Belay starts without it, and
   * local users log in. One request waits for it, the others are refused meanwhile.
   */
  private ClientRegistration find(String id) {
    if (!ID.equals(id)) {
      return null;
    }
    if (provider == null) {
      if (!reading.tryLock()) {
        throw OidcRefusal.FAILED.because("another login is reading the provider's description");
      }
      try {
        provider =
            ClientRegistrations.fromIssuerLocation(settings.issuer())
                .registrationId(ID)
                .clientId(settings.clientId())
                .clientSecret(settings.clientSecret().reveal())
                .scope(settings.scopes())
                .clientSettings(ClientSettings.builder().requireProofKey(true).build())
                .build();
      } finally {
        reading.unlock();
      }
    }
    return provider;
  }

  private RestClientAuthorizationCodeTokenResponseClient tokens() {
    var client = new RestClientAuthorizationCodeTokenResponseClient();
    client.setRestClient(
        RestClient.builder()
            .requestFactory(requests)
            .messageConverters(
                converters -> {
                  converters.clear();
                  converters.add(new FormHttpMessageConverter());
                  converters.add(new OAuth2AccessTokenResponseHttpMessageConverter());
                })
            .defaultStatusHandler(new OAuth2ErrorResponseErrorHandler())
            .build());
    return client;
  }

  private OidcUserServiceOfBelay userService() {
    RestTemplate rest = new RestTemplate(requests);
    rest.setErrorHandler(new OAuth2ErrorResponseErrorHandler());
    var info = new DefaultOAuth2UserService();
    info.setRestOperations(rest);
    var service = new OidcUserServiceOfBelay();
    service.setOauth2UserService(info);
    return service;
  }

  private class OidcUserServiceOfBelay extends OidcUserService {
    @Override
    public OidcUser loadUser(OidcUserRequest request) {
      OidcUser person = super.loadUser(request);
      String name = users.admit(person);
      return new DefaultOidcUser(List.of(), person.getIdToken()) {
        @Override
        public String getName() {
          return name;
        }
      };
    }
  }

  private void succeeded(
      HttpServletRequest request, HttpServletResponse response, Authentication byProvider)
      throws IOException, ServletException {
    String name = byProvider.getName();
    var account = rights.of(name).orElseThrow();
    var login =
        UsernamePasswordAuthenticationToken.authenticated(name, null, account.authorities());
    login.setDetails(logins.of(account));
    SecurityContext context = SecurityContextHolder.createEmptyContext();
    context.setAuthentication(login);
    SecurityContextHolder.setContext(context);
    new HttpSessionSecurityContextRepository().saveContext(context, request, response);
    if (byProvider.getPrincipal() instanceof OidcUser person) {
      OidcLogout.remember(request.getSession(), person.getIdToken().getTokenValue());
    }
    onward.onAuthenticationSuccess(request, response, login);
  }

  private static void refused(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
      throws IOException {
    String code =
        failure instanceof OAuth2AuthenticationException known
            ? known.getError().getErrorCode()
            : "";
    log.warn(
        "A login by the provider was refused: {}",
        StringUtils.truncate(String.valueOf(failure.getMessage()), 500));
    response.sendRedirect(
        request.getContextPath() + "/login?refused=" + OidcRefusal.of(code).name());
  }

  /** Belay asks the provider for nothing after the login. */
  private static class KeepsNoTokens implements OAuth2AuthorizedClientRepository {
    @Override
    public <T extends OAuth2AuthorizedClient> T loadAuthorizedClient(
        String id, Authentication caller, HttpServletRequest request) {
      return null;
    }

    @Override
    public void saveAuthorizedClient(
        OAuth2AuthorizedClient client,
        Authentication caller,
        HttpServletRequest request,
        HttpServletResponse response) {}

    @Override
    public void removeAuthorizedClient(
        String id,
        Authentication caller,
        HttpServletRequest request,
        HttpServletResponse response) {}
  }
}
