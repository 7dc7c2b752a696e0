package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docs/environments.md} names every key of every type. */
class EnvironmentsPageTest {

  private static final Map<Class<? extends Record>, String> TYPES =
      Map.of(
          PostgresTarget.class, "postgres",
          RedisTarget.class, "redis",
          MongoTarget.class, "mongodb",
          ServiceTarget.class, "service",
          RouterTarget.class, "router",
          ConfigurationTarget.class, "configuration",
          MigrationTarget.class, "migration",
          CommandTarget.class, "command",
          WebhookTarget.class, "webhook",
          DocumentStoreTarget.class, "document-store");

  @ParameterizedTest
  @ValueSource(
      classes = {
        PostgresTarget.class,
        RedisTarget.class,
        MongoTarget.class,
        ServiceTarget.class,
        RouterTarget.class,
        ConfigurationTarget.class,
        MigrationTarget.class,
        CommandTarget.class,
        WebhookTarget.class,
        DocumentStoreTarget.class
      })
  void everyKey_isDescribed(Class<? extends Record> type) throws Exception {
    String page = Files.readString(Path.of("docs/environments.md"));
    String heading = "## `type: " + TYPES.get(type) + "`";
    assertThat(page).contains(heading);
    String section = page.substring(page.indexOf(heading)).split("\n## ")[0];
    for (RecordComponent component : type.getRecordComponents()) {
      assertThat(section).contains("| `" + TargetBinding.dashed(component.getName()) + "` |");
    }
  }
}
