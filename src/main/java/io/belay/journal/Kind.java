package io.belay.journal;

/** What a journal entry records. */
public enum Kind {
  /** Models were deployed; the entry's run is their deployment; payload: SHA-256 by file. */
  MODELS_DEPLOYED,
  RUN_STARTED,
  /** Payload: {@code {standing}}, the changes that had to be taken back and were not; or none. */
  RUN_ENDED,
  PHASE_STARTED,
  PHASE_ENDED,
  /** A step is about to have an effect; payload: its input. */
  INTENT,
  /** The step is done; payload: its result. */
  RESULT,
  /** The attempt failed technically; it may have had an effect. */
  FAILURE,
  /** The attempt was cancelled and does nothing any more; it may have had an effect. */
  STOPPED,
  /** The step found that the runbook must not go on. */
  BUSINESS_STOP,
  /** Durable state of a step; payload: {@code {name, value}}. */
  CHECKPOINT,
  /** A step wrote an artifact; payload: its manifest. */
  ARTIFACT,
  /**
   * An undo took back what earlier executions of steps did, or found nothing to take back; payload:
   * {@code {executions}}, their step keys.
   */
  TAKEN_BACK,
  /** A target's identity became known; payload: the identity, or all addresses. */
  TARGET_FIXED,
  /** The target restarted, failed over, or was replaced by the run itself; payload: identity. */
  TARGET_CHANGED,
  /**
   * A target's name led to another system, and the step did nothing; payload: that system's
   * identity.
   */
  TARGET_REFUSED,
  /** A person accepted the refused system as the target, with a reason. */
  TARGET_ACCEPTED,
  LOG,
  /** A decision table was evaluated; payload: inputs, verdict, reason. */
  GATE,
  TASK_CREATED,
  TASK_COMPLETED,
  TASK_CANCELLED,
  ROLLBACK_STARTED,
  UNDO_STARTED,
  INCIDENT,
  INCIDENT_RESOLVED,
  /**
   * A person requested an abort. With the payload {@code {kept: true}} no phase could take it at
   * once, and {@link #ABORT_TAKEN} or {@link #ABORT_REFUSED} answers it later.
   */
  ABORT_REQUESTED,
  /** A phase took the abort that was kept. */
  ABORT_TAKEN,
  /** An abort was refused, at once (with who wanted it) or after it was kept; with the reason. */
  ABORT_REFUSED,
  /** A person asked a migration to pause after its present chunk. */
  PAUSE_REQUESTED,
  RESUME_REQUESTED,
  RETRY_REQUESTED,
  /** A person overrode a failed step, with a reason; Belay does not run it. */
  SKIP_REQUESTED,
  /** Somebody moved the run in the engine, past its model; payload: operation, request, reason. */
  INTERVENTION,
  /** Somebody called the migration interface; payload: path, status, environment. */
  CALL,
  /** Outside of a run, somebody changed how queries are answered; payload: the setting. */
  QUERY_MODE
}
