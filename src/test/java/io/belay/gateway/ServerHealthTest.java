package io.belay.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerHealthTest {

  @TempDir Path directory;

  @Test
  void serverThatCannotBeChecked_isDown() throws Exception {
    try (TestBackend backend = TestBackend.named("v1")) {
      BackendServer server = new BackendServer("v1-1", "v1", backend.address());
      try (ServerHealth health =
          new ServerHealth(List.of(List.of(server)), "/no path", Duration.ofSeconds(1))) {
        await().until(() -> !health.isUp(server));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"health", "/no path", "//other.example/health", "/health#top", "/%zz"})
  void whatIsNoPath_isRefusedByName(String path) throws Exception {
    Path file = Files.writeString(directory.resolve("gateway.yml"), configuration(path));
    assertThatThrownBy(() -> load(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("checkPath '" + path + "'");
  }

  @Test
  void aPathMayHaveAQuery() throws Exception {
    String path = "/health%20check?deep=1";
    Path file = Files.writeString(directory.resolve("gateway.yml"), configuration(path));
    assertThat(load(file).checkPath()).isEqualTo(path);
  }

  private static GatewayConfiguration load(Path file) throws Exception {
    return GatewayConfiguration.load(
        file, Map.of("BELAY_GATEWAY_TOKEN", "a-token-that-is-long-enough"));
  }

  private static String configuration(String checkPath) {
    return """
        checkPath: '%s'
        backends: { v1: { v1-1: 'http://127.0.0.1:1' } }
        routes: [{ path: /, baseline: v1, candidate: v1, weight: 0 }]
        """
        .formatted(checkPath);
  }
}
