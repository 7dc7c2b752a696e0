package io.belay.security;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.stream.Collectors;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.LockedException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.csrf.CsrfException;
import org.springframework.stereotype.Component;

/** Refusals of the REST interface as problem+json. */
@Component
class Problems implements AuthenticationEntryPoint, AccessDeniedHandler {

  private final ObjectMapper json;
  private final ApplicationEventPublisher events;

  Problems(ObjectMapper json, ApplicationEventPublisher events) {
    this.json = json;
    this.events = events;
  }

  @Override
  public void commence(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
      throws IOException {
    unauthorized(request, response, failure);
    publish(request, null, HttpStatus.UNAUTHORIZED);
  }

  private void unauthorized(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
      throws IOException {
    if (failure instanceof OAuth2AuthenticationException refused) {
      String error = refused.getError().getErrorCode();
      response.setHeader("WWW-Authenticate", "Bearer realm=\"Belay\", error=\"" + error + "\"");
      write(
          request, response, HttpStatus.UNAUTHORIZED, "The token does not count: " + why(refused));
      return;
    }
    // No challenge for Basic: a browser would keep the password and send it for every other site.
    response.setHeader("WWW-Authenticate", "Bearer realm=\"Belay\"");
    write(
        request,
        response,
        HttpStatus.UNAUTHORIZED,
        failure instanceof LockedException
            ? failure.getMessage()
            : "Log in first: by HTTP Basic, a token or a session.");
  }

  /** What is wrong with the token's claims; no details are given of a bad signature or format. */
  private static String why(OAuth2AuthenticationException refused) {
    if (refused.getCause() instanceof JwtValidationException claims) {
      return claims.getErrors().stream()
          .map(OAuth2Error::getDescription)
          .collect(Collectors.joining("; "));
    }
    return refused.getCause() == null
        ? refused.getError().getDescription()
        : "it is no token of this Belay, or its key is not in use any more";
  }

  @Override
  public void handle(
      HttpServletRequest request, HttpServletResponse response, AccessDeniedException failure)
      throws IOException {
    String detail =
        failure instanceof CsrfException
            ? "The request lacks the X-BELAY-XSRF header with the value of the cookie BELAY-XSRF."
            : "Your groups do not allow this.";
    write(request, response, HttpStatus.FORBIDDEN, detail);
    // Not the request's own user: a forged request is refused before it has one.
    Authentication user = SecurityContextHolder.getContext().getAuthentication();
    boolean known = user != null && !(user instanceof AnonymousAuthenticationToken);
    publish(request, known ? user.getName() : null, HttpStatus.FORBIDDEN);
  }

  /** Refuses a request of a known caller. */
  void refuse(
      HttpServletRequest request, HttpServletResponse response, HttpStatus status, String detail)
      throws IOException {
    write(request, response, status, detail);
    publish(request, request.getRemoteUser(), status);
  }

  private void publish(HttpServletRequest request, String user, HttpStatus status) {
    events.publishEvent(
        new RequestRefused(
            user,
            request.getRemoteAddr(),
            request.getMethod(),
            request.getRequestURI().substring(request.getContextPath().length()),
            status.value()));
  }

  void write(
      HttpServletRequest request, HttpServletResponse response, HttpStatus status, String detail)
      throws IOException {
    ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
    problem.setInstance(URI.create(request.getRequestURI()));
    if (request.getRequestURI().startsWith(request.getContextPath() + "/camunda/")) {
      problem.setProperty("message", detail); // where the webapps look for it
    }
    response.setStatus(status.value());
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    json.writeValue(response.getOutputStream(), problem);
  }
}
