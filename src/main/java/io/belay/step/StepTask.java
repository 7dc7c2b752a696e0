package io.belay.step;

import java.util.Map;

/**
 * One execution of a step, as the engine hands it over.
 *
 * @param key the same over all retries, another for each execution: the engine's job or external
 *     task id
 * @param instanceId process instance of the phase
 * @param inputs the task's input parameters
 */
public record StepTask(
    String key,
    String runId,
    String runName,
    String instanceId,
    String activityId,
    Map<String, Object> inputs) {}
