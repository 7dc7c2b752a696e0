package io.belay.target;

import io.belay.target.TargetIdentity.Match;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.lang.Nullable;

/**
 * What a run knows of the identity of one of its targets. The first contact fixes it; from then on
 * the run refuses another system under this name, unless the run itself put it there or a person
 * accepted it.
 *
 * @param now what the target is
 * @param next what it will be after the replacement that a step has announced; may be null
 * @param former what it was before the run or a person replaced it: artifacts may come from there
 * @param refused the last system that was found and refused; may be null
 */
public record KnownTarget(
    TargetIdentity now,
    @Nullable TargetIdentity next,
    List<TargetIdentity> former,
    @Nullable TargetIdentity refused) {

  public KnownTarget {
    former = former == null ? List.of() : List.copyOf(former);
  }

  /** As the environment file names it when the run starts. */
  public static KnownTarget named(TargetIdentity identity) {
    return new KnownTarget(identity, null, List.of(), null);
  }

  /** What follows when a system is found. */
  public enum Finding {
    AS_KNOWN,
    FIXED,
    CHANGED,
    REFUSED
  }

  /**
   * @param known from now on
   */
  public record Found(Finding finding, KnownTarget known) {}

  /** Compares what an attempt found with what is known. */
  public Found find(TargetIdentity found) {
    Match match = now.compare(found);
    if (match != Match.OTHER && !now.isAsked() && found.isAsked()) {
      return new Found(Finding.FIXED, new KnownTarget(found, next, former, null));
    }
    if (match == Match.SAME) {
      // The refused system is no longer there, so it cannot be accepted.
      return new Found(Finding.AS_KNOWN, new KnownTarget(now, next, former, null));
    }
    if (match == Match.CHANGED) {
      return new Found(Finding.CHANGED, new KnownTarget(found, next, former, null));
    }
    if (next != null && next.compare(found) != Match.OTHER) {
      return new Found(Finding.CHANGED, replacedBy(found));
    }
    return new Found(Finding.REFUSED, new KnownTarget(now, next, former, found));
  }

  /** Records that a step will put {@code successor} in the target's place. */
  public KnownTarget announced(TargetIdentity successor) {
    return new KnownTarget(now, successor, former, refused);
  }

  /** Makes the refused system the target, as a person has said; empty if none was refused. */
  public Optional<KnownTarget> accepted() {
    return refused == null ? Optional.empty() : Optional.of(replacedBy(refused));
  }

  private KnownTarget replacedBy(TargetIdentity successor) {
    List<TargetIdentity> all = new ArrayList<>(former);
    all.add(now);
    return new KnownTarget(successor, null, all, null);
  }

  /** Whether an artifact taken from {@code source} belongs to this target. */
  public boolean isSource(TargetIdentity source) {
    return now.compare(source) != Match.OTHER
        || former.stream().anyMatch(one -> one.compare(source) != Match.OTHER);
  }
}
