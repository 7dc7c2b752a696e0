package io.belay.engine;

import io.belay.engine.law.TaskRules;
import io.belay.model.Refusal;
import io.belay.model.lint.ModelRefused;
import jakarta.annotation.Priority;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import org.camunda.bpm.engine.BadUserRequestException;
import org.camunda.bpm.engine.OptimisticLockingException;
import org.camunda.bpm.engine.ProcessEngineException;
import org.camunda.bpm.engine.TaskAlreadyClaimedException;
import org.camunda.bpm.engine.exception.NullValueException;
import org.camunda.bpm.engine.rest.dto.ExceptionDto;
import org.camunda.bpm.engine.rest.exception.ExceptionHandlerHelper;
import org.camunda.bpm.engine.rest.exception.RestException;
import org.glassfish.jersey.server.ResourceConfig;
import org.springframework.boot.autoconfigure.jersey.ResourceConfigCustomizer;
import org.springframework.stereotype.Component;

/**
 * Reports a refusal as 400 with the refusal's own message, where engine-rest would report 500 and
 * the place in the engine. A conflict with others (the run moved on, a target is held, a task was
 * completed) is reported as 409: nothing was changed, and the request may be repeated.
 */
@Component
class RefusalStatus implements ResourceConfigCustomizer {

  @Override
  public void customize(ResourceConfig rest) {
    rest.register(new OfTheEngine());
    rest.register(new InsideTheEngine());
    rest.register(new OfModels());
    rest.register(new OfCollisions());
  }

  @Priority(1)
  private static final class OfTheEngine implements ExceptionMapper<RestException> {

    @Override
    public Response toResponse(RestException failure) {
      return answer(failure);
    }
  }

  @Priority(1)
  private static final class InsideTheEngine implements ExceptionMapper<ProcessEngineException> {

    @Override
    public Response toResponse(ProcessEngineException failure) {
      return answer(failure);
    }
  }

  private static Response answer(Exception failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof Refusal refusal) {
        return refused(refusal);
      }
      if (cause instanceof OptimisticLockingException) {
        return collided();
      }
      if (cause instanceof TaskAlreadyClaimedException) {
        return answer(Response.Status.CONFLICT, (Exception) cause);
      }
      if (cause instanceof NullValueException && isOfATask(cause)) {
        return answer(
            Response.Status.CONFLICT,
            new BadUserRequestException("The task is not open: somebody may have completed it."));
      }
      if (cause instanceof TaskRules.NotYours refused) {
        return ExceptionHandlerHelper.getInstance().getResponse(refused);
      }
    }
    return ExceptionHandlerHelper.getInstance().getResponse(failure);
  }

  /** The engine has no exception of its own for a task that is gone. */
  private static boolean isOfATask(Throwable failure) {
    return String.valueOf(failure.getMessage()).contains("Cannot find task with id");
  }

  @Priority(1)
  private static final class OfModels implements ExceptionMapper<ModelRefused> {

    @Override
    public Response toResponse(ModelRefused refusal) {
      return refused(refusal);
    }
  }

  @Priority(1)
  private static final class OfCollisions implements ExceptionMapper<OptimisticLockingException> {

    @Override
    public Response toResponse(OptimisticLockingException collision) {
      return collided();
    }
  }

  private static Response collided() {
    return answer(
        Response.Status.CONFLICT,
        new BadUserRequestException(
            "The run moved on at this moment, and nothing was changed: try again."));
  }

  private static Response refused(Exception refused) {
    boolean conflict = refused instanceof Refusal refusal && refusal.isConflict();
    return answer(conflict ? Response.Status.CONFLICT : Response.Status.BAD_REQUEST, refused);
  }

  private static Response answer(Response.Status status, Exception said) {
    return Response.status(status)
        .type(MediaType.APPLICATION_JSON_TYPE)
        .entity(ExceptionDto.fromException(said))
        .build();
  }
}
