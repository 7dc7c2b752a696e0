package io.belay.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.model.lint.Finding;
import io.belay.model.lint.ModelRefused;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.diagnostics.FailureAnalysis;

class RefusedModelsTest {

  @Test
  void eachMistake_isListed_withWhatToDo() {
    var refused = new ModelRefused(List.of(new Finding("a.bpmn", "Task_A", "has no label")));
    FailureAnalysis analysis =
        new RefusedModels().analyze(new BeanCreationException("models", "failed", refused));

    assertThat(analysis.getDescription()).contains("a.bpmn", "Task_A", "has no label");
    assertThat(analysis.getAction()).contains("belay.processes");
  }
}
