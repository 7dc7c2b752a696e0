package io.belay.security;

import static org.springframework.http.HttpMethod.GET;
import static org.springframework.http.HttpMethod.POST;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.webapp.impl.security.auth.ContainerBasedAuthenticationFilter;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.authentication.www.BasicAuthenticationFilter;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * Who may do what. One set of users (the engine's) for everything: one login for the pages,
 * Cockpit, Tasklist and Admin; HTTP Basic for REST and engine-rest. Nothing is open but the login
 * page, its style and the bare health status.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SecuritySettings.class)
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

  /** The engine's REST interface: no session, so that no other site can act in a user's name. */
  @Bean
  @Order(1)
  SecurityFilterChain engineRest(HttpSecurity http, Problems problems) throws Exception {
    return stateless(http.securityMatcher(path("/engine-rest/**")), problems)
        .authorizeHttpRequests(
            requests ->
                requests
                    .requestMatchers(new EngineInterventions())
                    .hasAuthority(Role.ADMINISTRATOR.authority())
                    .anyRequest()
                    .hasAnyAuthority(ANYONE_KNOWN))
        .build();
  }

  @Bean
  @Order(2)
  SecurityFilterChain actuator(HttpSecurity http, Problems problems) throws Exception {
    return stateless(http.securityMatcher(path("/actuator/**")), problems)
        .authorizeHttpRequests(
            requests ->
                requests
                    .requestMatchers("/actuator/health/**")
                    .permitAll()
                    .anyRequest()
                    .hasAnyAuthority(ANYONE_KNOWN))
        .build();
  }

  private static HttpSecurity stateless(HttpSecurity http, Problems problems) throws Exception {
    return http.csrf(csrf -> csrf.disable())
        .sessionManagement(
            session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .httpBasic(basic -> basic.authenticationEntryPoint(problems))
        .exceptionHandling(
            failures -> failures.authenticationEntryPoint(problems).accessDeniedHandler(problems));
  }

  @Bean
  @Order(3)
  SecurityFilterChain everythingElse(HttpSecurity http, Problems problems) throws Exception {
    CookieCsrfTokenRepository tokens = CookieCsrfTokenRepository.withHttpOnlyFalse();
    tokens.setCookieName("BELAY-XSRF");
    tokens.setHeaderName("X-BELAY-XSRF");
    RequestMatcher api = PathPatternRequestMatcher.withDefaults().matcher("/api/**");
    return http.csrf(
            csrf ->
                csrf.csrfTokenRepository(tokens)
                    .csrfTokenRequestHandler(new CsrfTokenRequestAttributeHandler())
                    .ignoringRequestMatchers(
                        // The webapps guard themselves against forged requests.
                        PathPatternRequestMatcher.withDefaults().matcher("/camunda/**"),
                        SecurityConfiguration::carriesCredentials))
        .addFilterAfter(new CsrfCookieFilter(), BasicAuthenticationFilter.class)
        .authorizeHttpRequests(
            requests ->
                requests
                    .dispatcherTypeMatchers(DispatcherType.ERROR, DispatcherType.ASYNC)
                    .permitAll()
                    .requestMatchers("/login", "/error", "/belay/**", "/webjars/**", "/favicon.ico")
                    .permitAll()
                    // Backups hold production data.
                    .requestMatchers(GET, "/api/runs/*/artifacts/*")
                    .hasAnyAuthority(OPERATORS)
                    .requestMatchers(new EngineInterventions())
                    .hasAuthority(Role.ADMINISTRATOR.authority())
                    .requestMatchers(GET, "/api/**")
                    .hasAnyAuthority(ANYONE_KNOWN)
                    .requestMatchers("/api/tasks/**")
                    .hasAnyAuthority(DECIDERS)
                    .requestMatchers("/api/**")
                    .hasAnyAuthority(OPERATORS)
                    .anyRequest()
                    .hasAnyAuthority(ANYONE_KNOWN))
        .httpBasic(basic -> basic.authenticationEntryPoint(problems))
        .formLogin(login -> login.loginPage("/login").permitAll().defaultSuccessUrl("/", false))
        .logout(
            logout ->
                logout
                    .logoutRequestMatcher(
                        new OrRequestMatcher(
                            PathPatternRequestMatcher.withDefaults().matcher(POST, "/logout"),
                            PathPatternRequestMatcher.withDefaults()
                                .matcher(POST, "/camunda/api/admin/auth/user/*/logout")))
                    .logoutSuccessUrl("/login?logout"))
        .exceptionHandling(
            failures ->
                failures
                    .defaultAuthenticationEntryPointFor(problems, api)
                    .defaultAuthenticationEntryPointFor(
                        new LoginUrlAuthenticationEntryPoint("/login"), request -> true)
                    .defaultAccessDeniedHandlerFor(problems, api))
        .headers(headers -> headers.frameOptions(frame -> frame.sameOrigin()))
        .build();
  }

  /** Lets the webapps take the user of Belay's own login. */
  @Bean
  FilterRegistrationBean<ContainerBasedAuthenticationFilter> webapps() {
    var filter = new FilterRegistrationBean<>(new ContainerBasedAuthenticationFilter());
    filter.setInitParameters(
        Map.of("authentication-provider", WebappAuthentication.class.getName()));
    filter.setOrder(101);
    filter.setUrlPatterns(List.of("/camunda/app/*", "/camunda/api/*"));
    return filter;
  }

  /** Tells the engine who calls engine-rest, so that its authorizations apply. */
  @Bean
  FilterRegistrationBean<EngineIdentityFilter> engineIdentity(IdentityService identity) {
    var filter = new FilterRegistrationBean<>(new EngineIdentityFilter(identity));
    filter.setOrder(102);
    filter.setUrlPatterns(List.of("/engine-rest/*"));
    return filter;
  }

  /** Whichever servlet serves it: a plain pattern would see only what Spring MVC serves. */
  private static RequestMatcher path(String pattern) {
    return PathPatternRequestMatcher.withDefaults().matcher(pattern);
  }

  /** A request that says by itself who sends it cannot be forged by another site. */
  private static boolean carriesCredentials(HttpServletRequest request) {
    return request.getHeader(HttpHeaders.AUTHORIZATION) != null;
  }
}
