package io.belay.capability.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.capability.schema.MigrationTarget.Tool;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MigrationTargetTest {

  @Test
  void changelogFile_isReadWithAllThatLiesBesideIt() {
    assertThat(migration(Tool.LIQUIBASE, "/srv/changes/main.yaml").reads())
        .containsExactly(Path.of("/srv/changes"));
    assertThat(migration(Tool.LIQUIBASE, "classpath:/changes/main.yaml").reads()).isEmpty();
    assertThat(migration(Tool.COMMAND, null).reads()).isEmpty();
  }

  private static MigrationTarget migration(Tool tool, String changelog) {
    return new MigrationTarget(
        "database",
        tool,
        changelog,
        null,
        null,
        null,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }
}
