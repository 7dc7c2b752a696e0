package io.belay.face.migration;

import io.belay.capability.document.UnknownCollection;
import io.belay.capability.document.query.Deadline.QueryTooSlow;
import io.belay.capability.document.query.InvalidQuery;
import io.belay.model.Refusal.Problem;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** This interface's own refusals as problem+json; all others are handled as in all of REST. */
@Order(Ordered.HIGHEST_PRECEDENCE)
@RestControllerAdvice(assignableTypes = {MigrationApi.class, QueryApi.class})
class MigrationProblems {

  @ExceptionHandler
  ResponseEntity<ProblemDetail> refused(MigrationRefused failure) {
    return problem(failure.status(), failure.getMessage(), List.of());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> unknown(UnknownCollection failure) {
    return problem(HttpStatus.NOT_FOUND, failure.getMessage(), List.of());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> invalid(InvalidQuery failure) {
    return problem(
        HttpStatus.BAD_REQUEST,
        "The query is not valid: " + failure.getMessage(),
        List.of(new Problem(failure.field(), failure.rule())));
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> slow(QueryTooSlow failure) {
    return problem(HttpStatus.UNPROCESSABLE_ENTITY, failure.getMessage(), List.of());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> unreadable(FileSystemException failure) {
    String name = java.nio.file.Path.of(failure.getFile()).getFileName().toString();
    return problem(
        HttpStatus.SERVICE_UNAVAILABLE,
        failure instanceof NoSuchFileException
            ? "The store's file %s is missing.".formatted(name)
            : "The store's file %s cannot be read or written.".formatted(name),
        List.of());
  }

  private static ResponseEntity<ProblemDetail> problem(
      HttpStatus status, String detail, List<Problem> problems) {
    ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
    if (!problems.isEmpty()) {
      problem.setProperty("problems", problems);
    }
    return ResponseEntity.status(status)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(problem);
  }
}
