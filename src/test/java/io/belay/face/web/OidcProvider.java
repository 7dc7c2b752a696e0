package io.belay.face.web;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.config.annotation.web.configuration.OAuth2AuthorizationServerConfiguration;
import org.springframework.security.oauth2.server.authorization.config.annotation.web.configurers.OAuth2AuthorizationServerConfigurer;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;

/**
 * A real OpenID Connect provider (Spring Authorization Server) on a port of its own. It insists on
 * PKCE and on the client's secret; what it says about a person is up to the test.
 */
final class OidcProvider implements AutoCloseable {

  static final String SECRET = "secret of the client";

  private static final String CALLBACK = "/login/oauth2/code/oidc";

  private final Map<String, Map<String, Object>> people = new ConcurrentHashMap<>();
  private final AnnotationConfigServletWebServerApplicationContext server =
      new AnnotationConfigServletWebServerApplicationContext();
  private volatile String belay = "http://localhost";
  private volatile boolean down;

  OidcProvider() {
    server.registerBean(OidcProvider.class, () -> this);
    server.register(Server.class);
    server.refresh();
  }

  String issuer() {
    return "http://localhost:" + server.getWebServer().getPort();
  }

  /** Where Belay is: the provider sends nobody anywhere else. */
  void serve(URI belay) {
    this.belay = belay.toString();
  }

  /** From now on the provider says this about the person with that subject. */
  void says(String subject, Map<String, Object> claims) {
    people.put(subject, claims);
  }

  void down(boolean isDown) {
    down = isDown;
  }

  /**
   * The person logs in at the provider, where Belay sent the browser.
   *
   * @return where the provider sends the browser: path and query at Belay
   */
  String login(String subject, String authorizationUri) throws Exception {
    HttpClient browser = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    String password = subject + ":password";
    String basic =
        "Basic " + Base64.getEncoder().encodeToString(password.getBytes(StandardCharsets.UTF_8));
    browser.send(
        HttpRequest.newBuilder(URI.create(issuer())).header("Authorization", basic).build(),
        BodyHandlers.discarding());
    var answer =
        browser.send(
            HttpRequest.newBuilder(URI.create(authorizationUri)).build(), BodyHandlers.ofString());
    String back =
        answer
            .headers()
            .firstValue("Location")
            .orElseThrow(() -> new AssertionError(answer.statusCode() + ": " + answer.body()));
    return back.substring(belay.length());
  }

  /** Where the provider sends a browser that comes to that address. */
  String sendsTo(String address) throws Exception {
    var answer =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString());
    return answer
        .headers()
        .firstValue("Location")
        .orElseThrow(() -> new AssertionError(answer.statusCode() + ": " + answer.body()));
  }

  @Override
  public void close() {
    server.close();
  }

  /** No component, so that Belay's own scan does not find it. */
  @EnableWebSecurity
  @EnableWebMvc
  static class Server {

    @Bean
    TomcatServletWebServerFactory tomcat() {
      return new TomcatServletWebServerFactory(0);
    }

    @Bean
    FilterRegistrationBean<Filter> outage(OidcProvider provider) {
      var filter =
          new FilterRegistrationBean<Filter>(
              (request, response, chain) -> {
                if (provider.down) {
                  ((HttpServletResponse) response).setStatus(503);
                } else {
                  chain.doFilter(request, response);
                }
              });
      filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
      return filter;
    }

    /** Tomcat asks no filter about a path that no servlet serves. */
    @Bean
    DispatcherServlet servlet() {
      return new DispatcherServlet();
    }

    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
      return http.with(
              new OAuth2AuthorizationServerConfigurer(),
              server -> server.oidc(Customizer.withDefaults()))
          .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
          .httpBasic(
              basic -> basic.securityContextRepository(new HttpSessionSecurityContextRepository()))
          .build();
    }

    @Bean
    UserDetailsService people() {
      return subject -> User.withUsername(subject).password("{noop}password").roles("ONE").build();
    }

    @Bean
    RegisteredClientRepository clients(OidcProvider provider) {
      return new RegisteredClientRepository() {
        @Override
        public void save(RegisteredClient client) {
          // It would keep the secret encrypted.
        }

        @Override
        public RegisteredClient findById(String id) {
          return RegisteredClient.withId(id)
              .clientId("belay")
              .clientSecret("{noop}" + SECRET)
              .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
              .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
              .redirectUri(provider.belay + CALLBACK)
              .postLogoutRedirectUri(provider.belay + "/login")
              .scopes(scopes -> scopes.addAll(Set.of("openid", "profile")))
              .clientSettings(ClientSettings.builder().requireProofKey(true).build())
              .build();
        }

        @Override
        public RegisteredClient findByClientId(String clientId) {
          return clientId.equals("belay") ? findById("1") : null;
        }
      };
    }

    @Bean
    JWKSource<SecurityContext> keys() throws Exception {
      return new ImmutableJWKSet<>(
          new JWKSet(new RSAKeyGenerator(2048).keyID("of the provider").generate()));
    }

    /** For the provider's own endpoint with information on people. */
    @Bean
    JwtDecoder decoder(JWKSource<SecurityContext> keys) {
      return OAuth2AuthorizationServerConfiguration.jwtDecoder(keys);
    }

    @Bean
    OAuth2TokenCustomizer<JwtEncodingContext> claims(OidcProvider provider) {
      return token ->
          token
              .getClaims()
              .claims(
                  claims ->
                      claims.putAll(
                          provider.people.getOrDefault(token.getPrincipal().getName(), Map.of())));
    }

    @Bean
    AuthorizationServerSettings settings() {
      return AuthorizationServerSettings.builder().build();
    }
  }
}
