/**
 * The faces of Belay: the REST interface under {@code /api} ({@link io.belay.web.RunsApi}, {@link
 * io.belay.web.RunbooksApi}, {@link io.belay.web.TasksApi}, {@link io.belay.web.JournalApi}), the
 * pages ({@link io.belay.web.Pages}) and what Cockpit is extended by. Holds no rule of its own:
 * what may happen to a run is decided by {@code run} and {@code process}.
 */
@org.springframework.modulith.ApplicationModule(
    allowedDependencies = {"file", "journal", "process", "run", "security", "step", "target"})
package io.belay.web;
