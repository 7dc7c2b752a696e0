package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.target.Command;
import io.belay.target.CommandTarget;
import io.belay.target.Environment;
import io.belay.target.Target;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NamedTargetsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  record One(@TargetName(CommandTarget.class) String change) {}

  record Several(@TargetName(CommandTarget.class) List<String> changes) {}

  private static final Environment ENVIRONMENT =
      new Environment(
          "test",
          "",
          Map.of("a", changing("b"), "b", changing("c"), "c", changing("a"), "d", changing()));

  private static Target changing(String... others) {
    Command some = Command.of("true");
    return new CommandTarget(null, some, some, some, Map.of(), List.of(others));
  }

  @Test
  void aTargetThatIsLeftOut_isNone_asGivenAndAsRecorded() throws Exception {
    assertThat(new NamedTargets(new One("none")).in(ENVIRONMENT)).isEmpty();
    for (String recorded : List.of("{\"change\":\"none\"}", "{\"change\":null}", "{}")) {
      assertThat(NamedTargets.in(ENVIRONMENT, One.class, JSON.readTree(recorded)))
          .as(recorded)
          .isEmpty();
    }
  }

  @Test
  void targetsThatChangeWithIt_areFollowedToTheirEnd() throws Exception {
    assertThat(new NamedTargets(new One("a")).in(ENVIRONMENT)).containsExactly("a", "b", "c");
    assertThat(
            NamedTargets.in(
                ENVIRONMENT, Several.class, JSON.readTree("{\"changes\":[\"b\",\"d\"]}")))
        .containsExactlyInAnyOrder("a", "b", "c", "d");
  }
}
