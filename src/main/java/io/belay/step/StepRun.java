package io.belay.step;

/**
 * What a step needs to know of its run.
 *
 * @param name the business key
 * @param fence number of the lease on its targets; 0 when it holds none
 */
public record StepRun(String id, String name, String environment, long fence) {}
