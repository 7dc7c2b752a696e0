/**
 * The faces of Belay: the REST interface under {@code /api} ({@link io.belay.face.web.RunsApi},
 * {@link io.belay.face.web.RunbooksApi}, {@link io.belay.face.web.TasksApi}, {@link
 * io.belay.face.web.JournalApi}), the pages ({@link io.belay.face.web.Pages}) and Belay's
 * extensions to Cockpit. Contains no rules: {@code run} and {@code process} decide what may happen
 * to a run.
 */
@org.springframework.modulith.ApplicationModule(
    allowedDependencies = {
      "artifact",
      "engine",
      "engine :: control",
      "engine :: law",
      "file",
      "journal",
      "model",
      "run",
      "security",
      "step",
      "target"
    })
package io.belay.face.web;
