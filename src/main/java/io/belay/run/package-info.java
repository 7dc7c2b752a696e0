/** Runs as people see them: {@link io.belay.run.Runs} shows, {@link io.belay.run.Planner} plans. */
@org.springframework.modulith.ApplicationModule(
    allowedDependencies = {
      "artifact",
      "engine",
      "engine :: control",
      "engine :: law",
      "journal",
      "model",
      "step",
      "target"
    })
package io.belay.run;
