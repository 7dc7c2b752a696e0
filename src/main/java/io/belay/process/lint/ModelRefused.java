package io.belay.process.lint;

import java.util.List;
import java.util.stream.Collectors;

/** A set of models was refused whole. Nothing of it was deployed; what ran before stays. */
public class ModelRefused extends RuntimeException {

  private final transient List<Finding> findings;

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
    this.findings = List.copyOf(findings);
  }

  public List<Finding> findings() {
    return findings;
  }
}
