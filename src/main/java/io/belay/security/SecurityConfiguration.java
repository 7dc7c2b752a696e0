package io.belay.security;

import static org.springframework.http.HttpMethod.GET;
import static org.springframework.http.HttpMethod.POST;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.oauth2.server.resource.OAuth2ResourceServerConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.oauth2.server.resource.web.BearerTokenResolver;
import org.springframework.security.oauth2.server.resource.web.DefaultBearerTokenResolver;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.authentication.SavedRequestAwareAuthenticationSuccessHandler;
import org.springframework.security.web.authentication.www.BasicAuthenticationFilter;
import org.springframework.security.web.context.SecurityContextHolderFilter;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.AndRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * Who may do what. One set of users (the engine's) for everything: one login for the pages,
 * Cockpit, Tasklist and Admin; HTTP Basic or a token ({@link TokenAuthentication}) for REST and
 * engine-rest. Nothing is open but the login page, its style, the bare health status and the public
 * keys of tokens.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({SecuritySettings.class, OidcSettings.class})
class SecurityConfiguration {

  private static final String[] ANYONE_KNOWN = {
    Role.VIEWER.authority(),
    Role.OPERATOR.authority(),
    Role.APPROVER.authority(),
    Role.ADMINISTRATOR.authority()
  };
  private static final String[] OPERATORS = {
    Role.OPERATOR.authority(), Role.ADMINISTRATOR.authority()
  };
  private static final String[] DECIDERS = {
    Role.OPERATOR.authority(), Role.APPROVER.authority(), Role.ADMINISTRATOR.authority()
  };

  private static final String[] WITH_TOKENS =
      Stream.of(Role.values()).map(Role::authority).toArray(String[]::new);

  /** From the Authorization header only: URLs end up in logs. */
  private static final BearerTokenResolver BEARER = new DefaultBearerTokenResolver();

  /**
   * The engine's REST interface: no session, so that no other site can act in a user's name. {@link
   * Doors} says who may do what.
   */
  @Bean
  @Order(1)
  SecurityFilterChain engineRest(HttpSecurity http, Problems problems, TokenAuthentication tokens)
      throws Exception {
    return stateless(http.securityMatcher(path("/engine-rest/**")), problems, tokens)
        .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        .build();
  }

  @Bean
  @Order(2)
  SecurityFilterChain actuator(HttpSecurity http, Problems problems, TokenAuthentication tokens)
      throws Exception {
    return stateless(http.securityMatcher(path("/actuator/**")), problems, tokens)
        .authorizeHttpRequests(
            requests ->
                requests
                    .requestMatchers("/actuator/health/**")
                    .permitAll()
                    .anyRequest()
                    .hasAnyAuthority(ANYONE_KNOWN))
        .build();
  }

  private static HttpSecurity stateless(
      HttpSecurity http, Problems problems, TokenAuthentication tokens) throws Exception {
    return http.csrf(csrf -> csrf.disable())
        .sessionManagement(
            session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .httpBasic(basic -> basic.authenticationEntryPoint(problems))
        .oauth2ResourceServer(server -> byToken(server, problems, tokens))
        .headers(headers -> SecurityHeaders.write(headers, ""))
        .exceptionHandling(
            failures -> failures.authenticationEntryPoint(problems).accessDeniedHandler(problems));
  }

  private static OAuth2ResourceServerConfigurer<HttpSecurity> byToken(
      OAuth2ResourceServerConfigurer<HttpSecurity> server,
      Problems problems,
      TokenAuthentication tokens) {
    return server
        .authenticationEntryPoint(problems)
        .accessDeniedHandler(problems)
        .jwt(jwt -> jwt.decoder(tokens.decoder()).jwtAuthenticationConverter(tokens));
  }

  @Bean
  @Order(3)
  SecurityFilterChain everythingElse(
      HttpSecurity http,
      Problems problems,
      TokenAuthentication tokens,
      Agents agents,
      Logins logins,
      OidcLogin oidc)
      throws Exception {
    oidc.addTo(http);
    CookieCsrfTokenRepository forms = CookieCsrfTokenRepository.withHttpOnlyFalse();
    forms.setCookieName("BELAY-XSRF");
    forms.setHeaderName("X-BELAY-XSRF");
    RequestMatcher api = path("/api/**");
    RequestMatcher interfaces = new OrRequestMatcher(api, path("/camunda/api/**"));
    return http.csrf(
            csrf ->
                csrf.csrfTokenRepository(forms)
                    .csrfTokenRequestHandler(new CsrfTokenRequestAttributeHandler())
                    .ignoringRequestMatchers(
                        // The webapps guard themselves against forged requests.
                        PathPatternRequestMatcher.withDefaults().matcher("/camunda/**"),
                        SecurityConfiguration::carriesCredentials,
                        SecurityConfiguration::isAnonymous))
        .addFilterAfter(new SessionRights(logins), SecurityContextHolderFilter.class)
        .addFilterAfter(new CsrfCookieFilter(), BasicAuthenticationFilter.class)
        .authorizeHttpRequests(
            requests ->
                requests
                    .dispatcherTypeMatchers(DispatcherType.ERROR, DispatcherType.ASYNC)
                    .permitAll()
                    .requestMatchers("/login", "/error", "/belay/**", "/webjars/**", "/favicon.ico")
                    .permitAll()
                    .requestMatchers(GET, "/.well-known/jwks.json")
                    .permitAll()
                    .requestMatchers(POST, "/api/tokens/keys")
                    .hasAuthority(Role.ADMINISTRATOR.authority())
                    .requestMatchers(POST, "/api/tokens")
                    .hasAnyAuthority(WITH_TOKENS)
                    .requestMatchers("/api/agent/**")
                    .access(agents::mayReport)
                    .requestMatchers("/api/migration/**")
                    .hasAuthority(Role.ADMINISTRATOR.authority())
                    // Backups hold production data.
                    .requestMatchers(GET, "/api/runs/*/artifacts/*")
                    .hasAnyAuthority(OPERATORS)
                    .requestMatchers(path("/camunda/api/**")) // Doors says more
                    .authenticated()
                    .requestMatchers(GET, "/api/**")
                    .hasAnyAuthority(ANYONE_KNOWN)
                    .requestMatchers("/api/tasks/**")
                    .hasAnyAuthority(DECIDERS)
                    .requestMatchers("/api/**")
                    .hasAnyAuthority(OPERATORS)
                    .anyRequest()
                    .hasAnyAuthority(ANYONE_KNOWN))
        .httpBasic(basic -> basic.authenticationEntryPoint(problems))
        .oauth2ResourceServer(
            server ->
                byToken(server, problems, tokens)
                    // The webapps would turn the token into a session, which outlives it.
                    .bearerTokenResolver(
                        request -> api.matches(request) ? BEARER.resolve(request) : null))
        .requestCache(cache -> cache.requestCache(wantedPages()))
        .formLogin(login -> login.loginPage("/login").permitAll().successHandler(toWhereHeWanted()))
        .logout(
            logout ->
                logout
                    .logoutRequestMatcher(
                        new OrRequestMatcher(
                            PathPatternRequestMatcher.withDefaults().matcher(POST, "/logout"),
                            new AndRequestMatcher(
                                PathPatternRequestMatcher.withDefaults()
                                    .matcher(POST, "/camunda/api/admin/auth/user/*/logout"),
                                WebappsToken::isCarriedBy)))
                    .logoutSuccessUrl("/login?logout"))
        .exceptionHandling(
            failures ->
                failures
                    .defaultAuthenticationEntryPointFor(problems, interfaces)
                    .defaultAuthenticationEntryPointFor(toTheLogin(), request -> true)
                    .defaultAccessDeniedHandlerFor(problems, api))
        .headers(headers -> SecurityHeaders.write(headers, oidc.formTarget()))
        .build();
  }

  private static LoginUrlAuthenticationEntryPoint toTheLogin() {
    var login = new LoginUrlAuthenticationEntryPoint("/login");
    login.setFavorRelativeUris(true);
    return login;
  }

  /** Only whole pages: after a login the browser must not land on a part that a page fetches. */
  private static HttpSessionRequestCache wantedPages() {
    var wanted = new HttpSessionRequestCache();
    wanted.setRequestMatcher(
        request ->
            request.getMethod().equals("GET")
                && String.valueOf(request.getHeader(HttpHeaders.ACCEPT)).contains("text/html"));
    return wanted;
  }

  private static SavedRequestAwareAuthenticationSuccessHandler toWhereHeWanted() {
    var wanted = new SavedRequestAwareAuthenticationSuccessHandler();
    wanted.setRedirectStrategy(new RelativeRedirects());
    return wanted;
  }

  /**
   * Matches the path, whichever servlet serves it: a plain pattern would see only what Spring MVC
   * serves.
   */
  private static RequestMatcher path(String pattern) {
    return PathPatternRequestMatcher.withDefaults().matcher(pattern);
  }

  /** Whether the request has its own credentials: another site cannot forge it. */
  private static boolean carriesCredentials(HttpServletRequest request) {
    return request.getHeader(HttpHeaders.AUTHORIZATION) != null;
  }

  /**
   * Whether the request is anonymous: its sender is told to log in, not that a CSRF token is
   * missing.
   */
  private static boolean isAnonymous(HttpServletRequest request) {
    return request.getCookies() == null
        && request.getRequestURI().startsWith(request.getContextPath() + "/api/");
  }
}
