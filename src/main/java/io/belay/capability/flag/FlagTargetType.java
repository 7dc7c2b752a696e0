package io.belay.capability.flag;

import io.belay.split.Bucketing;
import io.belay.split.Rollout;
import io.belay.target.SettingRules;
import io.belay.target.TargetType;
import java.util.Set;
import org.springframework.stereotype.Component;

/** {@code type: flag}. */
@Component
final class FlagTargetType implements TargetType<FlagTarget> {

  @Override
  public String name() {
    return "flag";
  }

  @Override
  public Class<FlagTarget> settings() {
    return FlagTarget.class;
  }

  @Override
  public void check(FlagTarget flag, SettingRules rules) {
    rules.target(flag.values(), "values", "values");
    rules.require(
        !flag.on().equals(flag.off()),
        "off",
        "must be another text than 'on' ('" + flag.on() + "')");
    boolean flagd = flag.form() == FlagTarget.Form.FLAGD;
    rules.require(
        !flagd || flag.algorithm() == Bucketing.FLAGD_2, "algorithm", "must be flagd-2 for flagd");
    rules.require(
        !flagd || flag.key().equals("targeting"), "key", "must be targeting for form flagd");
    rules.require(
        isSeed(flag.name()), "name", "must have no spaces, commas, quotes, backslashes or =");
  }

  private static boolean isSeed(String name) {
    try {
      new Rollout(0, Bucketing.BELAY_1, name, Set.of(), Set.of());
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
