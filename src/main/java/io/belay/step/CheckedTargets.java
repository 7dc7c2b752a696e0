package io.belay.step;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.artifact.Artifact;
import io.belay.target.IdentityReader;
import io.belay.target.KnownTarget;
import io.belay.target.StrictJson;
import io.belay.target.Target;
import io.belay.target.TargetDiffers;
import io.belay.target.TargetException;
import io.belay.target.TargetIdentity;
import java.util.AbstractMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.lang.Nullable;

/**
 * The targets of one attempt. Before the step gets one, it is compared, once per attempt, with what
 * the run knows of it; so no step can reach another system that only has the same name.
 */
public final class CheckedTargets extends AbstractMap<String, Target> {

  /**
   * What the run knows of a target, after comparing it with what was found.
   *
   * @param refusal why the step must not go on; null when it may
   */
  public record Answer(KnownTarget known, @Nullable String refusal) {}

  static final ObjectMapper JSON = StrictJson.over(new ObjectMapper());

  /** Asks the run. */
  interface Compare {
    Answer find(String target, TargetIdentity found);
  }

  private final Map<String, Target> targets;
  private final IdentityReader identities;
  private final Compare run;
  private final Map<String, KnownTarget> known = new HashMap<>();
  private final Map<String, TargetIdentity> found = new HashMap<>();

  CheckedTargets(Map<String, Target> targets, IdentityReader identities, Compare run) {
    this.targets = targets;
    this.identities = identities;
    this.run = run;
  }

  /**
   * @throws TargetDiffers when it is not the system that the run knows
   * @throws TargetException when the system cannot be asked
   */
  @Override
  public Target get(Object name) {
    Target target = targets.get(name);
    if (target != null) {
      check((String) name, target);
    }
    return target;
  }

  private synchronized void check(String name, Target target) {
    if (found.containsKey(name)) {
      return;
    }
    TargetIdentity identity = identities.read(target).orElse(null);
    if (identity != null) {
      Answer answer = run.find(name, identity);
      if (answer.refusal() != null) {
        throw new TargetDiffers(answer.refusal());
      }
      known.put(name, answer.known());
    }
    found.put(name, identity);
  }

  /** The target's identity as found in this attempt. */
  synchronized TargetIdentity identity(String name) {
    get(name);
    return found.get(name);
  }

  /** As {@link StepContext#identity}. */
  String describe(String name) {
    try {
      return JSON.writeValueAsString(identity(name));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As {@link StepContext#requireSource}. */
  synchronized void requireSource(Artifact artifact, String name) {
    get(name);
    String source = artifact.details().get(StepContext.SOURCE);
    if (source == null) {
      throw new TargetDiffers(
          "the manifest of %s does not say which system it was taken from, so it is not put back. Nothing was changed at '%s'; restore it by hand (its manifest says how), then override this step with a reason"
              .formatted(artifact.id(), name));
    }
    TargetIdentity taken = read(artifact, source);
    if (!known.get(name).isSource(taken)) {
      throw new TargetDiffers(
          "%s was taken from %s, but '%s' is %s. Nothing was changed there. Put the environment's file right and retry, or restore by hand and override this step with a reason"
              .formatted(artifact.id(), taken, name, found.get(name)));
    }
  }

  private static TargetIdentity read(Artifact artifact, String source) {
    try {
      return JSON.readValue(source, TargetIdentity.class);
    } catch (JsonProcessingException e) {
      throw new TargetException("the manifest of %s is damaged".formatted(artifact.id()), e);
    }
  }

  @Override
  public boolean containsKey(Object name) {
    return targets.containsKey(name);
  }

  @Override
  public Set<String> keySet() {
    return targets.keySet();
  }

  @Override
  public int size() {
    return targets.size();
  }

  @Override
  public Set<Entry<String, Target>> entrySet() {
    return targets.keySet().stream()
        .map(name -> new SimpleImmutableEntry<>(name, get(name)))
        .collect(Collectors.toUnmodifiableSet());
  }
}
