package io.belay.engine;

import io.belay.model.Refusal;
import java.util.List;

/** A model in the engine's database is not the one that was deployed; no run may follow it. */
public class ModelChanged extends Refusal {

  ModelChanged(String file, String deployment) {
    super(
        "The runbook cannot be followed",
        List.of(
            new Problem(
                "",
                "%s of deployment %s is not the model that was deployed: it was changed in the engine's database. Find out by whom; deploy the models anew for new runs, and restore the table for those that wait"
                    .formatted(file, deployment))));
  }
}
