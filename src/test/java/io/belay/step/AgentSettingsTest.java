package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.step.AgentSettings.Agent;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AgentSettingsTest {

  private final AgentSettings settings =
      new AgentSettings(Map.of("eu", new Agent(Set.of("takeBackup"), Set.of("production-eu"))));

  @Test
  void stepIsLeftToAgents_whereOneServesIt_andNowhereElse() {
    assertThat(settings.leftToAgents("takeBackup", "production-eu")).isTrue();
    assertThat(settings.leftToAgents("takeBackup", "production-us")).isFalse();
    assertThat(settings.leftToAgents("shiftTraffic", "production-eu")).isFalse();
    assertThat(settings.anywhere("takeBackup")).isTrue();
    assertThat(settings.anywhere("shiftTraffic")).isFalse();
  }

  @Test
  void workerIsAnAgents_byItsWholeName() {
    assertThat(AgentSettings.isWorkerOf("eu", "eu:host-1")).isTrue();
    assertThat(AgentSettings.isWorkerOf("eu", "eu-west:host-1")).isFalse();
    assertThat(AgentSettings.isWorkerOf("eu", "host-1")).isFalse();
    assertThat(AgentSettings.isWorkerOf("eu", null)).isFalse();
  }

  @Test
  void nameThatCouldBeTakenForAnother_isRefused() {
    assertThatThrownBy(
            () -> new AgentSettings(Map.of("eu:1", new Agent(Set.of("x"), Set.of("test")))))
        .hasMessageContaining("belay.agents.eu:1");
  }
}
