package io.belay.process;

import io.belay.process.lint.ModelRefused;
import jakarta.annotation.Priority;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import org.camunda.bpm.engine.BadUserRequestException;
import org.camunda.bpm.engine.OptimisticLockingException;
import org.camunda.bpm.engine.ProcessEngineException;
import org.camunda.bpm.engine.rest.dto.ExceptionDto;
import org.camunda.bpm.engine.rest.exception.ExceptionHandlerHelper;
import org.camunda.bpm.engine.rest.exception.RestException;
import org.glassfish.jersey.server.ResourceConfig;
import org.springframework.boot.autoconfigure.jersey.ResourceConfigCustomizer;
import org.springframework.stereotype.Component;

/**
 * A refusal is no failure of the server: engine-rest answers it with 400 and the refusal's own
 * words, where the engine would say 500 and where in the engine it happened. Nor is it one when the
 * run moves on while somebody acts on it: that is 409, nothing was changed, and may be tried again.
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
      if (cause instanceof TaskRules.NotYours refused) {
        return ExceptionHandlerHelper.getInstance().getResponse(refused);
      }
    }
    return ExceptionHandlerHelper.getInstance().getResponse(failure);
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

  private static Response refused(Exception refusal) {
    return answer(Response.Status.BAD_REQUEST, refusal);
  }

  private static Response answer(Response.Status status, Exception said) {
    return Response.status(status)
        .type(MediaType.APPLICATION_JSON_TYPE)
        .entity(ExceptionDto.fromException(said))
        .build();
  }
}
