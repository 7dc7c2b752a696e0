package io.belay.target;

import io.belay.target.InvalidEnvironment.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Types of targets that only a test knows, and what a type alone says of a target. */
public final class TestTypes {

  private TestTypes() {}

  /** A type without rules. */
  static <T extends Target> TargetType<T> of(String name, Class<T> settings) {
    return new TargetType<>() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Class<T> settings() {
        return settings;
      }
    };
  }

  /** What the type's own rules find, as {@code key: rule}, in a target {@code d}. */
  public static <T extends Target> List<String> problems(TargetType<T> type, T target) {
    List<Problem> problems = new ArrayList<>();
    type.check(
        target, new SettingRules("targets.d", new TargetTypes(List.of(type)), Map.of(), problems));
    return problems.stream().map(problem -> problem.key() + ": " + problem.rule()).toList();
  }
}
