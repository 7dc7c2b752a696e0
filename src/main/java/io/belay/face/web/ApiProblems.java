package io.belay.face.web;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.belay.engine.ModelChanged;
import io.belay.engine.control.RunControl;
import io.belay.engine.law.AnswerRefused;
import io.belay.face.web.BodyLimit.BodyTooLarge;
import io.belay.model.Refusal;
import io.belay.model.Refusal.Problem;
import io.belay.security.TokenRefused;
import io.belay.target.InvalidEnvironment;
import io.belay.target.TargetBusy;
import io.belay.target.TargetException;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/**
 * Every failure of the REST interface as problem+json: what is wrong, without Belay's internals. A
 * failure of Belay itself has a number under which the log has its cause.
 */
@Order(ApiProblems.ORDER)
@RestControllerAdvice(annotations = RestController.class)
class ApiProblems extends ResponseEntityExceptionHandler {

  /** Before Spring's own handlers; after those for one kind of failure. */
  static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 100;

  private static final Logger log = LoggerFactory.getLogger(ApiProblems.class);

  /** Recognises a duplicate field, for which Jackson has no exception of its own. */
  private static final Pattern TWICE = Pattern.compile("^Duplicate field '([^']{1,60})'");

  @ExceptionHandler
  ResponseEntity<ProblemDetail> notFound(NotFound failure) {
    return problem(HttpStatus.NOT_FOUND, failure.getMessage(), List.of());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> refused(AnswerRefused failure) {
    boolean person = failure.problems().stream().allMatch(problem -> problem.field().isEmpty());
    return problem(
        person ? HttpStatus.FORBIDDEN : HttpStatus.UNPROCESSABLE_ENTITY,
        failure.getMessage(),
        failure.problems());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> refused(Refusal failure) {
    return problem(
        failure.isConflict() ? HttpStatus.CONFLICT : HttpStatus.UNPROCESSABLE_ENTITY,
        failure.getMessage(),
        failure.problems());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> changed(ModelChanged failure) {
    return problem(HttpStatus.CONFLICT, failure.getMessage(), failure.problems());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> held(TargetBusy failure) {
    return problem(HttpStatus.CONFLICT, failure.getMessage(), List.of());
  }

  /** Another change was faster in the database; the engine reports its own conflicts itself. */
  @ExceptionHandler(ConcurrencyFailureException.class)
  ResponseEntity<ProblemDetail> collided() {
    return problem(
        HttpStatus.CONFLICT,
        "The run moved on at this moment, and nothing was changed: try again.",
        List.of());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> refused(InvalidEnvironment failure) {
    return problem(
        HttpStatus.UNPROCESSABLE_ENTITY,
        failure.getMessage(),
        List.of(new Problem("environment", failure.getMessage())));
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> refused(TargetException failure) {
    return problem(HttpStatus.UNPROCESSABLE_ENTITY, failure.getMessage(), List.of());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> notPossible(RunControl.NotPossible failure) {
    return problem(HttpStatus.CONFLICT, failure.getMessage(), List.of());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> notAllowed(RunControl.NotAllowed failure) {
    return problem(HttpStatus.FORBIDDEN, failure.getMessage(), List.of());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> refused(TokenRefused failure) {
    return problem(
        failure.reason() == TokenRefused.Reason.NOT_ALLOWED
            ? HttpStatus.FORBIDDEN
            : HttpStatus.UNPROCESSABLE_ENTITY,
        failure.getMessage(),
        List.of());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> tooMany(RunEvents.TooManyStreams failure) {
    return problem(HttpStatus.TOO_MANY_REQUESTS, failure.getMessage(), List.of());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> failed(Exception failure) {
    if (failure instanceof AccessDeniedException denied) {
      throw denied;
    }
    if (DatabaseOutage.caused(failure)) {
      return DatabaseOutage.answer();
    }
    String number = UUID.randomUUID().toString();
    log.error("Request failed, number {}", number, failure);
    return problem(
        HttpStatus.INTERNAL_SERVER_ERROR,
        "Belay failed; its log tells why, under the number " + number + ".",
        List.of());
  }

  @Override
  protected ResponseEntity<Object> handleMethodArgumentNotValid(
      MethodArgumentNotValidException failure,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    return invalid(
        failure.getFieldErrors().stream()
            .map(error -> new Problem(error.getField(), error.getDefaultMessage()))
            .toList());
  }

  @Override
  protected ResponseEntity<Object> handleHandlerMethodValidationException(
      HandlerMethodValidationException failure,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    return invalid(
        failure.getParameterValidationResults().stream()
            .flatMap(
                result ->
                    result.getResolvableErrors().stream()
                        .map(
                            error ->
                                new Problem(
                                    result.getMethodParameter().getParameterName(),
                                    error.getDefaultMessage())))
            .toList());
  }

  @Override
  protected ResponseEntity<Object> handleHttpMessageNotReadable(
      HttpMessageNotReadableException failure,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BodyTooLarge tooLarge) {
        return plain(problem(HttpStatus.PAYLOAD_TOO_LARGE, tooLarge.getMessage(), List.of()));
      }
      if (cause instanceof UnrecognizedPropertyException unknown) {
        return invalid(List.of(new Problem(unknown.getPropertyName(), "is not known here")));
      }
      Matcher twice = TWICE.matcher(String.valueOf(cause.getMessage()));
      if (cause instanceof JsonParseException && twice.find()) {
        return invalid(List.of(new Problem(twice.group(1), "appears twice")));
      }
      if (cause instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
        String field =
            mapping.getPath().stream()
                .map(part -> part.getFieldName() == null ? "[]" : part.getFieldName())
                .collect(Collectors.joining("."));
        return invalid(List.of(new Problem(field, "has the wrong type, or appears twice")));
      }
    }
    return plain(
        problem(
            HttpStatus.BAD_REQUEST,
            failure.getCause() instanceof JsonProcessingException
                ? "The body is not valid JSON of the expected shape."
                : "The body is missing or cannot be read.",
            List.of()));
  }

  @Override
  protected ResponseEntity<Object> handleExceptionInternal(
      Exception failure,
      Object body,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    if (failure instanceof IOException || status.is5xxServerError()) {
      log.error("Request failed", failure);
    }
    // Whatever the client accepts: one that accepts only XML would not learn the reason.
    HttpHeaders typed = new HttpHeaders();
    typed.putAll(headers);
    typed.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    return super.handleExceptionInternal(failure, body, typed, status, request);
  }

  private static ResponseEntity<Object> invalid(List<Problem> problems) {
    return plain(
        problem(
            HttpStatus.BAD_REQUEST,
            "The request is not valid: "
                + problems.stream().map(Problem::toString).collect(Collectors.joining("; ")),
            problems));
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // a subtype of the body is fine
  private static ResponseEntity<Object> plain(ResponseEntity<ProblemDetail> entity) {
    return (ResponseEntity) entity;
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
