package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.capability.schema.MigrationTarget;
import io.belay.target.TargetIdentity.By;
import io.belay.target.TargetIdentity.Match;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.StandardEnvironment;

/** A type of targets that nobody has listed is one like the others. */
class TargetTypesTest {

  public record Queue(String broker) implements Target {

    @Override
    public String describe() {
      return "queue at " + broker;
    }

    @Override
    public java.util.Optional<String> identity() {
      return java.util.Optional.of("queue:" + broker);
    }

    @Override
    public By comparedBy() {
      return By.FACTS;
    }
  }

  record Hidden(String broker) implements Target {

    @Override
    public String describe() {
      return broker;
    }
  }

  /** Says that it is whatever its address says, until told otherwise. */
  private static final class QueueType implements TargetType<Queue> {

    private Map<String, String> facts = Map.of("cluster", "c-1");

    @Override
    public String name() {
      return "queue";
    }

    @Override
    public Class<Queue> settings() {
      return Queue.class;
    }

    @Override
    public void check(Queue target, SettingRules rules) {
      rules.require(!target.broker().isBlank(), "broker", "must name a broker");
    }

    @Override
    public TreeMap<String, String> identify(Queue target) {
      return new TreeMap<>(facts);
    }
  }

  @TempDir Path directory;

  private final QueueType type = new QueueType();
  private final TargetTypes types = new TargetTypes(List.of(type));

  private Environment load(String broker) throws Exception {
    Files.writeString(
        directory.resolve("test.yml"),
        "targets: {q: {type: queue, broker: '%s'}}".formatted(broker));
    return new Environments(directory, new StandardEnvironment(), types).load("test");
  }

  @Test
  void ownType_isReadAndChecked() throws Exception {
    assertThat(load("b:1").target("q", Queue.class)).isEqualTo(new Queue("b:1"));
    assertThatThrownBy(() -> load(" "))
        .isInstanceOf(InvalidEnvironment.class)
        .hasMessageContaining("targets.q.broker: must name a broker");
  }

  @Test
  void ownType_isKnownAgainByItsFacts_whateverItsAddress() {
    IdentityReader reader = new IdentityReader(types);
    TargetIdentity known = reader.read(new Queue("b:1")).orElseThrow();
    assertThat(known.by()).isEqualTo(By.FACTS);
    assertThat(known.compare(reader.read(new Queue("alias:1")).orElseThrow()))
        .isEqualTo(Match.SAME);
    type.facts = Map.of("cluster", "c-1", "version", "2");
    assertThat(known.compare(reader.read(new Queue("b:1")).orElseThrow())).isEqualTo(Match.CHANGED);
    type.facts = Map.of("cluster", "c-2");
    assertThat(known.compare(reader.read(new Queue("b:1")).orElseThrow())).isEqualTo(Match.OTHER);
    type.facts = Map.of("version", "2");
    assertThat(known.compare(reader.read(new Queue("b:1")).orElseThrow()))
        .as("nothing in common")
        .isEqualTo(Match.OTHER);
  }

  @Test
  void twoTypesOfOneNameOrRecord_areRefused_andASettingsClassThatCannotBeRead() {
    assertThatThrownBy(
            () -> new TargetTypes(List.of(type, TestTypes.of("queue", RedisTarget.class))))
        .hasMessageContaining("are both the target type 'queue'");
    assertThatThrownBy(() -> new TargetTypes(List.of(type, TestTypes.of("other", Queue.class))))
        .hasMessageContaining("Queue");
    assertThatThrownBy(() -> new TargetTypes(List.of(TestTypes.of("hidden", Hidden.class))))
        .hasMessageContaining("public record");
    assertThatThrownBy(() -> new TargetTypes(List.of(TestTypes.of("Queue", Queue.class))))
        .hasMessageContaining("lower-case");
    assertThatThrownBy(() -> types.of(new Hidden("x"))).hasMessageContaining("Hidden");
  }

  @Test
  void migrationsNameTheDatabaseThatChangesWithThem() {
    MigrationTarget migration =
        new MigrationTarget(
            "shop",
            MigrationTarget.Tool.LIQUIBASE,
            "c.yaml",
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
    assertThat(migration.alsoChanged()).containsExactly("shop");
    assertThat(migration.isInstruction()).isTrue();
    assertThat(new Queue("b:1").alsoChanged()).isEmpty();
  }
}
