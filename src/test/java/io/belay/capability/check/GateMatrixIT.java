package io.belay.capability.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.capability.check.GateMatrix.RouterKind;
import io.belay.capability.check.GateMatrix.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A sample of the matrix that {@code ./belay matrix gates} writes. */
class GateMatrixIT {

  private static final List<String> SAMPLE =
      List.of(
          "10 of 100 get 502",
          "every connection reset",
          "half get 404",
          "redirected to a login",
          "the document is cut off",
          "out of the router's reach",
          "not there at all");

  static Stream<Arguments> sample() {
    return GateFault.all().stream()
        .filter(fault -> SAMPLE.contains(fault.what()))
        .flatMap(fault -> Stream.of(RouterKind.values()).map(kind -> Arguments.of(fault, kind)));
  }

  @ParameterizedTest
  @MethodSource("sample")
  void whatHarmsUsers_neverPasses(GateFault fault, RouterKind router) throws Exception {
    Said said = new GateMatrix(Duration.ofSeconds(1), Duration.ofSeconds(4)).ask(fault, router);
    assertThat(said.verdict()).as(said.reason()).isNotEqualTo("PASS");
    assertThat(said.reason()).isNotBlank();
    if (fault.where().equals("old")) {
      assertThat(said.verdict()).isEqualTo("asks a person");
    }
  }

  @Test
  void noFault_passesOnceTheMachineIsCalm() throws Exception {
    Said said = null;
    for (int i = 0; i < 4 && (said == null || !said.verdict().equals("PASS")); i++) {
      said =
          new GateMatrix(Duration.ofSeconds(2), Duration.ofSeconds(15))
              .ask(GateFault.all().get(0), RouterKind.GATEWAY);
    }
    assertThat(said.verdict()).as(said.reason()).isEqualTo("PASS");
  }

  @Test
  void theTable_hasFortyFaultsAndMore_allOfThemInThePage() throws Exception {
    assertThat(GateFault.all()).hasSizeGreaterThan(40);
    assertThat(GateFault.all().stream().map(fault -> fault.where() + fault.what()))
        .doesNotHaveDuplicates();
    String page = Files.readString(Path.of("docs/gates.md"));
    for (GateFault fault : GateFault.all()) {
      assertThat(page).contains("| %s | %s |".formatted(fault.where(), fault.what()));
    }
  }
}
