package io.belay.process.lint;

import java.util.List;

public class ModelRefused extends RuntimeException {
  public ModelRefused(List<Finding> f) {
    super(f.toString());
  }
}
