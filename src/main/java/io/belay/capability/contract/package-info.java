/**
 * Contract check: recorded requests are sent to an old and a new service, and their answers
 * compared. Begin with {@link io.belay.capability.contract.CompareContract}; {@code RequestList}
 * reads the three formats, {@code AnswerComparison} knows what breaks a contract.
 */
@org.springframework.modulith.ApplicationModule(
    allowedDependencies = {"artifact", "step", "target"})
package io.belay.capability.contract;
