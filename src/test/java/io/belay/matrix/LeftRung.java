package io.belay.matrix;

import io.belay.run.RunStatus;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;

/**
 * How it went to leave a runbook at one place.
 *
 * @param day on which
 * @param ends of phases that were reached, as {@code <process>/<end event>}
 * @param problems empty when all is as it should be
 */
record LeftRung(
    LocalDate day,
    Rung rung,
    RunStatus status,
    Set<String> ends,
    List<String> problems,
    double seconds) {}
