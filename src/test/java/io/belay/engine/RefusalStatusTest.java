package io.belay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import org.camunda.bpm.engine.OptimisticLockingException;
import org.camunda.bpm.engine.ProcessEngineException;
import org.camunda.bpm.engine.rest.dto.ExceptionDto;
import org.camunda.bpm.engine.rest.exception.InvalidRequestException;
import org.camunda.bpm.engine.rest.exception.RestException;
import org.glassfish.jersey.server.ResourceConfig;
import org.junit.jupiter.api.Test;

class RefusalStatusTest {

  private final ResourceConfig rest = new ResourceConfig();

  RefusalStatusTest() {
    new RefusalStatus().customize(rest);
  }

  @Test
  void collisionOfTwoActs_isAConflict_whetherTheResourceWrapsItOrNot() {
    OptimisticLockingException collision =
        new OptimisticLockingException("ENGINE-03005 Execution of 'DELETE' failed");
    isConflict(answer(OptimisticLockingException.class, collision));
    isConflict(
        answer(
            RestException.class,
            new InvalidRequestException(Response.Status.INTERNAL_SERVER_ERROR, collision, "no")));
  }

  @Test
  void modelThatWasChanged_isNoConflict_soThatNoClientTriesAgain() {
    Response answer =
        answer(ProcessEngineException.class, new ModelChanged("shop.bpmn", "deployment-1"));
    assertThat(answer.getStatus()).isEqualTo(400);
    assertThat(((ExceptionDto) answer.getEntity()).getMessage())
        .contains("shop.bpmn of deployment deployment-1 is not the model that was deployed");
  }

  @Test
  void otherFailuresOfTheEngine_stayFailures() {
    assertThat(
            answer(
                    RestException.class,
                    new RestException(
                        Response.Status.INTERNAL_SERVER_ERROR, new ProcessEngineException("why")))
                .getStatus())
        .isEqualTo(500);
  }

  private static void isConflict(Response answer) {
    assertThat(answer.getStatus()).isEqualTo(409);
    assertThat(((ExceptionDto) answer.getEntity()).getMessage())
        .isEqualTo("The run moved on at this moment, and nothing was changed: try again.");
  }

  @SuppressWarnings("unchecked")
  private <T extends Throwable> Response answer(Class<T> type, T failure) {
    ExceptionMapper<T> mapper =
        (ExceptionMapper<T>)
            rest.getInstances().stream()
                .filter(
                    of ->
                        ((java.lang.reflect.ParameterizedType)
                                    of.getClass().getGenericInterfaces()[0])
                                .getActualTypeArguments()[0]
                            == type)
                .findFirst()
                .orElseThrow();
    return mapper.toResponse(failure);
  }
}
