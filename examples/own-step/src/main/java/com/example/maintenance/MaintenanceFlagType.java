package com.example.maintenance;

import io.belay.target.SettingRules;
import io.belay.target.TargetType;
import java.nio.file.Files;

/** {@code type: maintenance-flag}. */
final class MaintenanceFlagType implements TargetType<MaintenanceFlag> {

  @Override
  public String name() {
    return "maintenance-flag";
  }

  @Override
  public Class<MaintenanceFlag> settings() {
    return MaintenanceFlag.class;
  }

  @Override
  public void check(MaintenanceFlag flag, SettingRules rules) {
    rules.require(
        Files.isDirectory(flag.file().toAbsolutePath().getParent()),
        "file",
        "must be in a directory that exists");
  }
}
