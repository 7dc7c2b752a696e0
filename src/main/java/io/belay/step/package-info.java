/**
 * The step contract. Write a step by extending {@link io.belay.step.StepDelegate}; {@link
 * io.belay.step.StepContext} is all that it may ask for.
 */
@org.springframework.modulith.ApplicationModule(
    allowedDependencies = {"artifact", "journal", "target"})
package io.belay.step;
