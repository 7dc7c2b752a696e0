package io.belay.target;

/** Another run holds a target; names environment, target and that run. Nothing was taken. */
public class TargetHeld extends TargetBusy {

  private final String target;
  private final transient Leases.Holder holder;

  TargetHeld(String environment, String target, String description, Leases.Holder holder) {
    super(
        "target '%s' of environment '%s' (%s) is held by run '%s' (%s, environment '%s') since %s; wait until that run has ended, or end it"
            .formatted(
                target,
                environment,
                description,
                holder.runName(),
                holder.runId(),
                holder.environment(),
                holder.acquiredAt()));
    this.target = target;
    this.holder = holder;
  }

  /** The target's name in the environment of the run that was refused. */
  public String target() {
    return target;
  }

  /** Who holds it. */
  public Leases.Holder holder() {
    return holder;
  }
}
