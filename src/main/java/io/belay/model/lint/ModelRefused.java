package io.belay.model.lint;

import java.util.List;
import java.util.stream.Collectors;

/** A whole set of models was refused. None of it was deployed; earlier deployments stay. */
public class ModelRefused extends RuntimeException {

  public ModelRefused(List<Finding> findings) {
    super(
        findings.stream()
            .map(Finding::toString)
            .collect(
                Collectors.joining(
                    "\n",
                    "The models were refused and nothing was deployed; what was there before stays."
                        + " Correct each of these and deploy the whole set again:\n",
                    "")));
  }
}
