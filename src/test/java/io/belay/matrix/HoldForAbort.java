package io.belay.matrix;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.step.StepObserver;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Inside Belay: holds the step at which the scenario aborts, after its effect, until the abort was
 * sent. For runbooks that wait for nobody.
 */
@Component
@ConditionalOnProperty("belay.test.matrix")
@Order(Ordered.LOWEST_PRECEDENCE) // a kill at that moment comes before
class HoldForAbort implements StepObserver {

  private final Scenario scenario;
  private final Hold hold = new Hold();

  HoldForAbort(@Value("${belay.test.matrix}") Path directory, ObjectMapper json)
      throws IOException {
    scenario = json.readValue(directory.resolve("scenario.json").toFile(), Scenario.class);
  }

  @Override
  public void reached(Moment moment, String runId, String activityId, String step) {
    if (moment == Moment.AFTER_EFFECT && activityId.equals(scenario.abortAt())) {
      hold.stay();
    }
  }

  boolean holds() {
    return hold.holds();
  }

  void release() {
    hold.release();
  }
}
