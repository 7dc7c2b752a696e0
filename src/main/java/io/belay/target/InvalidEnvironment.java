package io.belay.target;

public class InvalidEnvironment extends RuntimeException {
  public InvalidEnvironment(String m) {
    super(m);
  }
}
