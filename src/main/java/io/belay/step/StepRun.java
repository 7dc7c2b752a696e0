package io.belay.step;

/**
 * What a step needs to know of its run.
 *
 * @param name the business key
 * @param fence number of the lease on its targets; 0 when it holds none
 */
public record StepRun(String id, String name, String environment, long fence) {

  /** Name of the variable that holds a run's environment, in the run and in each phase. */
  public static final String ENVIRONMENT = "environment";
}
