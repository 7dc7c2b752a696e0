package io.belay.target;

/** A name leads to a system other than the run's. Nothing was done there. */
public class TargetDiffers extends TargetException {

  public TargetDiffers(String message) {
    super(message);
  }
}
