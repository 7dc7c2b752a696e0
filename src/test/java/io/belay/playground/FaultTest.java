package io.belay.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultTest {

  @TempDir private Path world;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "error-rate",
        "reset",
        "not-found",
        "latency",
        "down",
        "error-lines",
        "wrong-webhook",
        "ai-down",
        "redis-down",
        "data-corruption",
        "migration",
        "unreadable-documents",
        "plain-password",
        "changing-documents",
        "broken-store",
        "slower",
        "contract",
        "flag-service-down",
        "build"
      })
  void everyFault_canBeNamed(String name) {
    Fault fault = Fault.named(name);
    assertThat(fault.kind().name()).isEqualToIgnoringCase(name.replace('-', '_'));
    assertThat(fault.service())
        .isEqualTo(name.matches("slower|contract") ? BackendApplication.NAME : "v2");
  }

  @Test
  void unknownName_isRefused_withAllNames() {
    assertThatThrownBy(() -> Fault.named("gremlins"))
        .hasMessageContaining("gremlins")
        .hasMessageContaining("error-rate");
  }

  @Test
  void errorRate_isExact() throws Exception {
    control("v2", "errorRate=0.2");
    FaultSwitch faults = new FaultSwitch(world, "v2", "green");

    int failed = 0;
    for (int i = 0; i < 1_000; i++) {
      failed += faults.failsNow() ? 1 : 0;
    }
    assertThat(failed).isBetween(199, 200);
  }

  @Test
  void resetsAndLostPages_areExact() throws Exception {
    control("v2", "reset=0.5\nnotFound=0.5");
    FaultSwitch faults = new FaultSwitch(world, "v2", "green");

    int reset = 0;
    int lost = 0;
    for (int i = 0; i < 100; i++) {
      reset += faults.resetsNow() ? 1 : 0;
      lost += faults.losesNow() ? 1 : 0;
    }
    assertThat(reset).isBetween(49, 50);
    assertThat(lost).isBetween(49, 50);
  }

  @Test
  void faultOfAVersion_sparesStaging_andTheOtherVersion() throws Exception {
    control("v2", "down=1");

    assertThat(new FaultSwitch(world, "v2", "green").isDown()).isTrue();
    assertThat(new FaultSwitch(world, "v2", "main-1").isDown()).isTrue();
    assertThat(new FaultSwitch(world, "v2", "staging").isDown()).isFalse();
    assertThat(new FaultSwitch(world, "v1", "main-1").isDown()).isFalse();
  }

  @Test
  void faultOfASlot_hitsOnlyIt_andEndsWithItsFile() throws Exception {
    control("main-2", "latency=70");
    FaultSwitch hit = new FaultSwitch(world, "v1", "main-2");
    assertThat(hit.latencyMillis()).isEqualTo(70);
    assertThat(new FaultSwitch(world, "v1", "main-1").latencyMillis()).isZero();

    Files.delete(world.resolve("faults/main-2.properties"));
    hit.refresh();
    assertThat(hit.latencyMillis()).isZero();
  }

  private void control(String name, String content) throws Exception {
    Files.writeString(
        Files.createDirectories(world.resolve("faults")).resolve(name + ".properties"), content);
  }
}
