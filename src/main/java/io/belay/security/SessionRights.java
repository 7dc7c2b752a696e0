package io.belay.security;

import io.belay.security.Rights.Account;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.Optional;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * A session says who logged in; the rights are looked up at each request. A session whose login no
 * longer counts ends here, and the request continues as anonymous. Placed directly after the filter
 * that reads the session, so that no other way of logging in has been tried yet.
 */
class SessionRights extends OncePerRequestFilter {

  private final Logins logins;

  SessionRights(Logins logins) {
    this.logins = logins;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Authentication remembered = SecurityContextHolder.getContext().getAuthentication();
    if (remembered != null) {
      SecurityContext context = SecurityContextHolder.createEmptyContext();
      Optional<Account> account = logins.current(remembered);
      if (account.isPresent()) {
        var now =
            UsernamePasswordAuthenticationToken.authenticated(
                remembered.getName(), null, account.get().authorities());
        now.setDetails(remembered.getDetails());
        context.setAuthentication(now);
      } else {
        end(request.getSession(false));
      }
      SecurityContextHolder.setContext(context);
    }
    chain.doFilter(request, response);
  }

  private static void end(HttpSession session) {
    if (session != null) {
      session.invalidate();
    }
  }
}
