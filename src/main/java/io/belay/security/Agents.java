package io.belay.security;

import io.belay.step.AgentSettings;
import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;
import org.springframework.stereotype.Component;
import org.springframework.web.util.UrlPathHelper;

/**
 * The callers that are agents: users of the group {@code service} that {@code belay.agents} names.
 * They authenticate by token, never by password, and may do nothing but work on steps.
 */
@Component
class Agents {

  private static final SimpleGrantedAuthority SERVICE =
      new SimpleGrantedAuthority(Role.SERVICE.authority());

  private final AgentSettings settings;

  Agents(AgentSettings settings) {
    this.settings = settings;
  }

  /** Whether the caller is a program: its other rights, if it has any, do not count then. */
  boolean isOne(Principal caller) {
    return caller instanceof Authentication authentication
        && authentication.getAuthorities().contains(SERVICE);
  }

  /** The limits of the agent; empty when the caller is none. */
  Optional<AgentSettings.Agent> limits(Principal caller) {
    return isOne(caller) && caller instanceof JwtAuthenticationToken
        ? settings.find(caller.getName())
        : Optional.empty();
  }

  AuthorizationDecision mayReport(
      Supplier<Authentication> caller, RequestAuthorizationContext context) {
    return new AuthorizationDecision(limits(caller.get()).isPresent());
  }

  static String path(HttpServletRequest request) {
    return UrlPathHelper.defaultInstance.getPathWithinApplication(request);
  }
}
