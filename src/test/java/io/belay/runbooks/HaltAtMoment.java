package io.belay.runbooks;

import io.belay.step.StepObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * Ends the process at a moment of a step, once, without a chance to clean up: {@code
 * belay.test.halt=<activity id>:<moment>}. That it has happened is remembered in the file {@code
 * belay.test.halted}, so that the next process goes on.
 */
@Component
@ConditionalOnProperty("belay.test.halt")
class HaltAtMoment implements StepObserver {

  private final String at;
  private final Path halted;

  HaltAtMoment(@Value("${belay.test.halt}") String at, @Value("${belay.test.halted}") Path halted) {
    this.at = at;
    this.halted = halted;
  }

  @Override
  public void reached(Moment moment, String runId, String activityId, String step) {
    if (!at.equals(activityId + ":" + moment)) {
      return;
    }
    try {
      Files.createFile(halted);
    } catch (FileAlreadyExistsException e) {
      return;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().halt(137);
  }
}
