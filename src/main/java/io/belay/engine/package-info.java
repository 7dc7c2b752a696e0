/**
 * All of Camunda: its settings, expressions, variables and tables. {@code engine.law} holds the
 * listeners that enforce Belay's promises, {@code engine.control} what people do to a run. Begin
 * with {@link io.belay.engine.EngineConfiguration}.
 */
@org.springframework.modulith.ApplicationModule(
    allowedDependencies = {
      "artifact",
      "file",
      "journal",
      "model",
      "model :: lint",
      "step",
      "target"
    })
package io.belay.engine;
