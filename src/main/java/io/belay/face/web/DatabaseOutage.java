package io.belay.face.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Answers 503 when the engine's database cannot be reached, wherever that shows: sessions, logins
 * and rights are read from it before any controller is called.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class DatabaseOutage extends OncePerRequestFilter {

  private static final String DETAIL =
      "Belay's own database cannot be reached now. Runs keep their state and go on by themselves when it is back; try again.";
  private static final String RETRY_AFTER_SECONDS = "5";
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseOutage.class);

  private final ObjectMapper json;

  DatabaseOutage(ObjectMapper json) {
    this.json = json;
  }

  /** Whether a failure comes from a database that could not be reached or is shutting down. */
  static boolean caused(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLTransientConnectionException
          || cause instanceof SQLNonTransientConnectionException
          || cause instanceof SQLException sql && isOfConnection(sql.getSQLState())) {
        return true;
      }
      // A rollback on a broken connection fails too, and hides its cause.
      if (cause instanceof TransactionSystemException rollback
          && caused(rollback.getApplicationException())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether the SQL state is a connection error (class 08), or PostgreSQL's shutdown (57P01, 57P02)
   * or start (57P03).
   */
  private static boolean isOfConnection(String state) {
    return state != null && (state.startsWith("08") || state.startsWith("57P0"));
  }

  static ResponseEntity<ProblemDetail> answer() {
    return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
        .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, DETAIL));
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      chain.doFilter(request, response);
    } catch (ServletException | IOException | RuntimeException e) {
      if (response.isCommitted() || !caused(e)) {
        throw e;
      }
      LOG.warn("The engine's database cannot be reached: {}", e.getMessage());
      answer(request, response);
    }
  }

  private void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    response.reset();
    response.setStatus(HttpStatus.SERVICE_UNAVAILABLE.value());
    response.setHeader(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    String path = request.getRequestURI().substring(request.getContextPath().length());
    if (path.startsWith("/api/") || path.startsWith("/engine-rest/")) {
      response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
      json.writeValue(response.getOutputStream(), answer().getBody());
    } else {
      response.setContentType(MediaType.TEXT_PLAIN_VALUE);
      response.getOutputStream().print(DETAIL);
    }
  }
}
