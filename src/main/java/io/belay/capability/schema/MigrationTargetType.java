package io.belay.capability.schema;

import io.belay.target.SettingRules;
import io.belay.target.TargetType;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.stereotype.Component;

/** {@code type: migration}. */
@Component
final class MigrationTargetType implements TargetType<MigrationTarget> {

  @Override
  public String name() {
    return "migration";
  }

  @Override
  public Class<MigrationTarget> settings() {
    return MigrationTarget.class;
  }

  @Override
  public void check(MigrationTarget migration, SettingRules rules) {
    rules.target(migration.database(), "postgres", "database");
    String changelog = migration.changelog();
    if (migration.tool() == MigrationTarget.Tool.COMMAND) {
      rules.require(migration.apply() != null, "apply", "is needed for the tool 'command'");
      rules.require(migration.revert() != null, "revert", "is needed for the tool 'command'");
    } else if (changelog == null || changelog.isBlank()) {
      rules.require(false, "changelog", "is needed for the tool 'liquibase'");
    } else {
      rules.require(exists(changelog), "changelog", "must be a file that exists");
    }
  }

  private static boolean exists(String changelog) {
    String prefix = "classpath:";
    return changelog.startsWith(prefix)
        ? MigrationTargetType.class
                .getClassLoader()
                .getResource(changelog.substring(prefix.length()).replaceFirst("^/", ""))
            != null
        : Files.isRegularFile(Path.of(changelog));
  }
}
