package io.belay.capability.flag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.capability.configuration.EnvDialect;
import io.belay.capability.configuration.TestStores;
import io.belay.capability.configuration.ValuesTarget;
import io.belay.command.ChildProcesses;
import io.belay.playground.Scratch;
import io.belay.step.FakeStepContext;
import io.belay.step.ValueStore;
import io.belay.target.Command;
import io.belay.target.CommittingConnections;
import io.belay.target.Connections;
import io.belay.target.Target;
import io.belay.target.TargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two flags, each in a file of its own and with an application, and others who set them, too. */
class FlagOfOthersTest {

  private final Connections connections = new CommittingConnections();
  private final ValueStore.Opener stores = TestStores.over(connections);
  private final FlagRestart restart = new FlagRestart(new ChildProcesses());
  private final SetFlag set = new SetFlag(stores, restart);
  private final RestoreFlag restore = new RestoreFlag(stores, restart);
  private final Map<String, Target> targets = new HashMap<>();
  private Path directory;
  private FakeStepContext context;

  @BeforeEach
  void world() throws Exception {
    directory = Scratch.directory("flags-of-others");
    for (String name : List.of("a", "b")) {
      write(name, "false");
      targets.put("values-" + name, values(file(name), null));
      targets.put(name, flag(name, "values-" + name, "FLAG", FlagTarget.Form.TEXT));
    }
    context = new FakeStepContext(targets);
  }

  private static ValuesTarget values(Path file, String at) {
    return new ValuesTarget(
        Map.of("FLAG", ".*", "targeting", ".*"),
        file,
        EnvDialect.DOTENV,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        at,
        null,
        null,
        null);
  }

  private FlagTarget flag(String name, String values, String key, FlagTarget.Form form) {
    return new FlagTarget(name, values, key, form, null, null, null, application(name));
  }

  /** Starts it in the background, as a script without a supervisor does; it notes its end. */
  private Command application(String name) {
    String script =
        """
        rm -f up-%1$s
        (trap 'touch ended-%1$s; exit' TERM; touch up-%1$s; while :; do sleep 0.05; done) >/dev/null 2>&1 &
        echo $! > pid-%1$s
        until test -e up-%1$s; do sleep 0.02; done
        """
            .formatted(name);
    return new Command(List.of("sh", "-c", script), directory, Map.of(), Duration.ofSeconds(20));
  }

  @AfterEach
  void stop() throws Exception {
    connections.close();
    for (String name : List.of("a", "b")) {
      if (Files.exists(directory.resolve("pid-" + name))) {
        running(name).destroyForcibly();
      }
    }
  }

  private ProcessHandle running(String name) throws Exception {
    long pid = Long.parseLong(Files.readString(directory.resolve("pid-" + name)).strip());
    return ProcessHandle.of(pid).orElseThrow(() -> new AssertionError(name + " is down"));
  }

  private boolean isEnded(String name) {
    return Files.exists(directory.resolve("ended-" + name));
  }

  private Path file(String name) {
    return directory.resolve(name + ".env");
  }

  private void write(String name, String value) throws Exception {
    Files.writeString(file(name), "FLAG=" + value + "\n");
  }

  private String read(String name) throws Exception {
    return Files.readString(file(name)).strip();
  }

  private static SetFlag.Input input(String flag, String share) {
    return new SetFlag.Input(flag, Share.valueOf(share), "", "", false);
  }

  private static RestoreFlag.Input undo() {
    return new RestoreFlag.Input("none");
  }

  @Test
  void applicationThatARestartStarted_goesOn_whenTheUndoLeavesTheFlagAlone() throws Exception {
    context.run(set, input("a", "on"));
    ProcessHandle application = running("a");
    try {
      write("a", "theirs");
      assertThatThrownBy(() -> context.run(restore, undo())).isInstanceOf(TargetException.class);
      assertThatThrownBy(() -> context.retry(restore, undo())).isInstanceOf(TargetException.class);
      assertThat(isEnded("a")).isFalse();
    } finally {
      application.destroyForcibly();
    }
  }

  @Test
  void restartOfUnknownEnd_isEndedBeforeTheUndoWrites() throws Exception {
    context.runKilled(set, input("a", "on"));
    ProcessHandle left = running("a");
    try {
      assertThat(context.run(restore, undo()).restored()).isEqualTo(1);
      assertThat(isEnded("a")).isTrue();
      assertThat(running("a").pid()).isNotEqualTo(left.pid());
    } finally {
      left.destroyForcibly();
    }
  }

  @Test
  void oneFlagOfOthers_blocksNoOther_norEndsItsApplication() throws Exception {
    context.run(set, input("b", "on"));
    context.run(set, input("a", "on"));
    ProcessHandle first = running("a");
    ProcessHandle second = running("b");
    try {
      write("a", "theirs");
      assertThatThrownBy(() -> context.run(restore, undo()))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("somebody has set flag 'a'");
      assertThat(read("b")).isEqualTo("FLAG=false");
      write("a", "true");
      assertThat(context.retry(restore, undo()).restored()).isEqualTo(1);
      assertThat(isEnded("b")).isFalse();
    } finally {
      first.destroyForcibly();
      second.destroyForcibly();
    }
  }

  @Test
  void flagThatTheRunDidNotChange_isNotLookedAtByTheUndo() throws Exception {
    context.run(set, input("a", "off"));
    Files.delete(file("a"));
    assertThat(context.run(restore, undo()).restored()).isZero();
    assertThat(context.takenBack()).containsExactly("setFlag-1");
  }

  /** Somebody has switched it off in an incident: the rollout must not go on over that. */
  @Test
  void stepOfARollout_doesNotReplaceWhatSomebodyElseSet() throws Exception {
    write("a", "theirs");
    context.run(set, input("a", "10"));
    running("a").destroyForcibly();
    write("a", "theirs");
    assertThatThrownBy(() -> context.run(set, input("a", "50")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("somebody has set flag 'a'")
        .hasMessageContaining(
            "since this run did: it is 'theirs' now, and this run set ''percent=10");
    assertThat(read("a")).isEqualTo("FLAG=theirs");
    write("a", "other");
    assertThatThrownBy(() -> context.run(restore, undo())).hasMessageContaining("'other' now");
    assertThat(read("a")).isEqualTo("FLAG=other");
  }

  /** It was as wanted when the first attempt looked, and is not any more. */
  @Test
  void nextAttempt_looksAgain() throws Exception {
    context.runKilledAfterSave(SetFlag.BEFORE, set, input("a", "off"));
    write("a", "theirs");
    assertThatThrownBy(() -> context.retry(set, input("a", "off")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("'theirs' now");
    write("a", "false");
    assertThat(context.retry(set, input("a", "off")).changed()).isFalse();
  }

  @Test
  void whatTheRunFoundInBetween_isNotItsOwn() throws Exception {
    context.run(set, input("a", "10"));
    running("a").destroyForcibly();
    context.runKilledAfterSave(SetFlag.BEFORE, set, input("a", "50"));
    String ten = read("a");
    assertThat(context.run(set, input("a", "on")).changed()).isTrue();
    assertThat(ten).contains("percent=10");
    assertThat(context.run(restore, undo()).restored()).isEqualTo(1);
    assertThat(read("a")).isEqualTo("FLAG=false");
  }

  @Test
  void flagdOutsideItsOwnObject_isRefusedBeforeTheRun() {
    for (String at : List.of("/flags/other", "/")) {
      targets.put("values-a", values(directory.resolve("flags.json"), at));
      assertThat(problems()).contains("must be the flag's own object").contains("end in /a");
    }
    targets.put("values-a", values(file("a"), null));
    assertThat(problems()).contains("in a JSON document");
    targets.put("values-a", values(directory.resolve("flags.json"), "/flags/a"));
    assertThat(problems()).isEmpty();
  }

  private String problems() {
    targets.put("a", flag("a", "values-a", "targeting", FlagTarget.Form.FLAGD));
    context = new FakeStepContext(targets);
    return String.join("", set.check(input("a", "10"), context.environment()));
  }

  @Test
  void address_isTheKeyOfItsValues() {
    assertThat(targets.get("a").address()).contains("values-a#FLAG");
  }
}
