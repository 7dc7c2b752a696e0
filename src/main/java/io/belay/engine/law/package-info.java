/**
 * What Belay promises, enforced by listeners of the engine whatever a model draws: approvals
 * ({@link io.belay.engine.law.ApprovalRules}), changes of protected targets ({@link
 * io.belay.engine.law.ChangeLaw}), verdicts ({@link io.belay.engine.law.PhaseVerdicts}), proven
 * ends ({@link io.belay.engine.law.RunOutcome}) and parameters that do not change ({@link
 * io.belay.engine.law.VariableRules}). {@link io.belay.engine.law.RunbookParseListener} attaches
 * them to every model.
 */
@org.springframework.modulith.NamedInterface("law")
package io.belay.engine.law;
