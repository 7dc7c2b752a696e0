package io.belay.capability.check;

import io.belay.target.Environment;
import io.belay.target.Target;
import io.belay.target.TargetException;
import io.belay.target.TargetType;
import io.belay.target.TargetTypes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/**
 * Asks each system that a runbook depends on, by its own protocol, whether it is there, lets us in,
 * answers, and is of a supported version. Each wait is bounded by the target's time-out.
 *
 * @see TargetType#probe
 */
@Component
final class DependencyCheck {

  private static final Pattern MAJOR = Pattern.compile("^(\\d+)");

  private final TargetTypes types;

  DependencyCheck(TargetTypes types) {
    this.types = types;
  }

  /**
   * @param there the targets that are as they should be, with their versions
   */
  record Outcome(Findings findings, List<String> there) {}

  /** Looks at all targets, whatever is wrong with one of them. */
  Outcome check(List<String> names, Environment environment) {
    Outcome outcome = new Outcome(new Findings(), new ArrayList<>());
    for (String name : names) {
      try {
        check(name, environment.target(name, Target.class), outcome);
      } catch (TargetException e) {
        outcome.findings().add("'%s': %s", name, e.getMessage());
      } catch (Exception e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        outcome.findings().add("'%s' does not answer: %s", name, e.getMessage());
      }
    }
    return outcome;
  }

  private void check(String name, Target target, Outcome outcome) throws Exception {
    Optional<TargetType.Version> version = types.of(target).probe(target);
    if (version.isEmpty()) {
      outcome
          .findings()
          .add("'%s' (%s) is not of a kind that can be checked", name, target.describe());
    } else if (version.get().minimum() > 0) {
      requireVersion(name, target, version.get(), outcome);
    } else {
      outcome.there().add((name + " " + version.get().found()).strip());
    }
  }

  private static void requireVersion(
      String name, Target target, TargetType.Version version, Outcome outcome) {
    Findings findings = outcome.findings();
    Matcher major = MAJOR.matcher(version.found());
    if (!major.find()) {
      findings.add("'%s': %s does not tell its version", name, target.describe());
    } else if (Integer.parseInt(major.group(1)) < version.minimum()) {
      findings.add(
          "'%s': %s is of version %s; %d or newer is needed",
          name, target.describe(), version.found(), version.minimum());
    } else {
      outcome.there().add(name + " " + version.found());
    }
  }
}
