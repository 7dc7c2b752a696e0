package io.belay.capability.change;

import io.belay.target.TargetType;
import org.springframework.stereotype.Component;

/** {@code type: checklist}. */
@Component
final class ChecklistTargetType implements TargetType<ChecklistTarget> {

  @Override
  public String name() {
    return "checklist";
  }

  @Override
  public Class<ChecklistTarget> settings() {
    return ChecklistTarget.class;
  }
}
