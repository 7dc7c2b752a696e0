package io.belay.benchmark;

import io.belay.playground.World;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.FileSystemUtils;

/** The runbook {@code main-server-v1-to-v2}, begun at its rollout. */
final class RolloutOnly {

  static final String RUNBOOK = "main-server-v1-to-v2";

  private RolloutOnly() {}

  /** What the phases before the rollout do: v2 works neither with v1's tables nor its settings. */
  static void prepare(World world) throws Exception {
    String changes =
        new ClassPathResource("playground/v2-changelog.sql")
            .getContentAsString(StandardCharsets.UTF_8);
    try (Connection database = world.database();
        Statement statement = database.createStatement()) {
      statement.execute(changes);
    }
    Path settings = world.directory().resolve("config");
    List<String> renamed =
        Files.readAllLines(settings.resolve("v1.env")).stream()
            .filter(line -> line.startsWith("FEISHU_"))
            .map(line -> line.replace("FEISHU_", "LARK_"))
            .toList();
    Files.write(settings.resolve("v2.env"), renamed, StandardOpenOption.APPEND);
  }

  /** The delivered models; the start of the runbook leads to the rollout. */
  static void models(Path directory) throws IOException {
    FileSystemUtils.copyRecursively(Path.of("processes"), directory);
    Path runbook = directory.resolve("runbooks/%s.bpmn".formatted(RUNBOOK));
    String text = Files.readString(runbook);
    String flow = "sourceRef=\"Start_Run\" targetRef=\"%s\"";
    String incoming = "<bpmn:incoming>Flow_Start_Run_To_Preparation</bpmn:incoming>";
    String rollout = "<bpmn:incoming>Flow_Strategy_BlueGreen</bpmn:incoming>";
    String changed =
        text.replace(
                flow.formatted("Phase_Preparation"), flow.formatted("Phase_ProgressiveRollout"))
            .replace(incoming, "")
            .replace(rollout, incoming + rollout);
    Files.writeString(runbook, changed);
  }
}
