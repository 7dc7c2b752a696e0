package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProtectedTargetsTest {

  @TempDir Path directory;

  private void write(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }

  @Test
  void withoutEnvironments_theKindCounts() throws IOException {
    write("production.example.yml", "targets: {database: {type: postgres, protected: false}}");
    ProtectedTargets targets = ProtectedTargets.in(directory);
    assertThat(targets.areNamed()).isFalse();
    assertThat(targets.changedWith("database", PostgresTarget.class)).containsExactly("database");
    assertThat(targets.changedWith(null, RedisTarget.class)).containsExactly("RedisTarget");
    assertThat(targets.changedWith("router", RouterTarget.class)).containsExactly("router");
    assertThat(targets.changedWith("build", CommandTarget.class)).isEmpty();
    assertThat(ProtectedTargets.in(directory.resolve("none")).areNamed()).isFalse();
  }

  @Test
  void whatATargetChanges_isProtectedWithIt() throws IOException {
    write(
        "here.yml",
        """
        targets:
          database: {type: postgres, protected: true}
          cache: {type: redis}
          table: {type: values, database: database}
          flag: {type: flag, values: table}
          build: {type: command, changes: [cache, database]}
        """);
    ProtectedTargets targets = ProtectedTargets.in(directory);
    for (String name : new String[] {"database", "table", "flag", "build"}) {
      assertThat(targets.changedWith(name, Target.class)).containsExactly("database");
    }
    assertThat(targets.changedWith("cache", RedisTarget.class)).isEmpty();
    assertThat(targets.changedWith("unknown", PostgresTarget.class)).isEmpty();
    assertThat(targets.changedWith(null, PostgresTarget.class)).isEmpty();
  }

  @Test
  void targetThatOneEnvironmentLeavesOpen_isNotProtected() throws IOException {
    write("production.yml", "targets: {database: {protected: true}, cache: {protected: true}}");
    write("development.yml", "targets: {database: {protected: false}}");
    ProtectedTargets targets = ProtectedTargets.in(directory);
    assertThat(targets.changedWith("database", PostgresTarget.class)).isEmpty();
    assertThat(targets.changedWith("cache", RedisTarget.class)).containsExactly("cache");
  }

  @Test
  void dataIsHeld_byTheTargetOrBehindIt() {
    assertThat(ProtectedTargets.holdData(PostgresTarget.class)).isTrue();
    assertThat(ProtectedTargets.holdData(SqlTarget.class)).isTrue();
    assertThat(ProtectedTargets.holdData(RouterTarget.class)).isFalse();
    assertThat(ProtectedTargets.holdData(Target.class)).isFalse();
  }
}
