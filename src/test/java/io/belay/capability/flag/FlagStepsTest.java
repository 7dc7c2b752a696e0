package io.belay.capability.flag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.capability.configuration.EnvDialect;
import io.belay.capability.configuration.TestStores;
import io.belay.capability.configuration.ValuesTarget;
import io.belay.command.ChildProcesses;
import io.belay.playground.Scratch;
import io.belay.split.Bucketing;
import io.belay.split.Rollout;
import io.belay.step.BusinessStop;
import io.belay.step.FakeStepContext;
import io.belay.step.StepPlan;
import io.belay.step.ValueStore;
import io.belay.target.Command;
import io.belay.target.CommittingConnections;
import io.belay.target.Connections;
import io.belay.target.DatabaseTarget;
import io.belay.target.Secret;
import io.belay.target.Target;
import io.belay.target.TargetException;
import io.belay.target.TestTypes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A flag in an env file with a restart, in flagd's definitions, and in a table. */
class FlagStepsTest {

  private static final String ENV = "PORT=80\n# flags\nDEBUG=0\n";
  private static final String DEFINITIONS =
      """
      {
        "$schema": "https://flagd.dev/schema/v0/flags.json",
        "flags": {
          "other": { "state": "ENABLED", "variants": { "a": 1.0 }, "defaultVariant": "a" },
          "new-keys": {
            "state": "ENABLED",  "variants": {"on":true, "off":false},
            "defaultVariant": "off"
          }
        }
      }
      """;

  private final Connections connections = new CommittingConnections();
  private final ValueStore.Opener stores = TestStores.over(connections);
  private final FlagRestart restart = new FlagRestart(new ChildProcesses());
  private final SetFlag set = new SetFlag(stores, restart);
  private final RestoreFlag restore = new RestoreFlag(stores, restart);
  private final ReadFlag read = new ReadFlag(stores);
  private final DatabaseTarget server =
      new DatabaseTarget(
          "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1".formatted(UUID.randomUUID()),
          "sa",
          Secret.none(),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30));
  private Path directory;
  private FakeStepContext context;

  @BeforeEach
  void world() throws Exception {
    directory = Scratch.directory("flags");
    Files.writeString(env(), ENV);
    Files.writeString(definitions(), DEFINITIONS);
    try (Connection connection = connections.sql(server)) {
      connection.createStatement().execute("CREATE TABLE flag (name VARCHAR(99), val VARCHAR(99))");
      connection.createStatement().execute("INSERT INTO flag VALUES ('new-keys', 'false')");
    }
    context = new FakeStepContext(targets());
  }

  private Map<String, Target> targets() {
    return Map.of(
        "settings", values(env(), null, null, "USE_NEW_KEYS", "true|false|percent=.*"),
        "keys", flag("settings", "USE_NEW_KEYS", FlagTarget.Form.TEXT, restart()),
        "definitions", values(definitions(), "/flags/new-keys", null, "targeting", "(?s).*"),
        "flagd", flag("definitions", "targeting", FlagTarget.Form.FLAGD, null),
        "shop", server,
        "rows", values(null, null, "shop", "new-keys", ".*"),
        "row", flag("rows", "new-keys", FlagTarget.Form.TEXT, null));
  }

  @AfterEach
  void close() {
    connections.close();
  }

  private Path env() {
    return directory.resolve(".env");
  }

  private Path definitions() {
    return directory.resolve("flags.json");
  }

  private static ValuesTarget values(
      Path file, String at, String database, String key, String pattern) {
    return new ValuesTarget(
        Map.of(key, pattern),
        file,
        EnvDialect.DOTENV,
        database,
        "flag",
        "name",
        "val",
        null,
        null,
        null,
        at,
        null,
        null,
        null);
  }

  private static FlagTarget flag(String values, String key, FlagTarget.Form form, Command restart) {
    return new FlagTarget("new-keys", values, key, form, null, null, null, restart);
  }

  /** The application: what it has read at its last start stands in {@code running}. */
  private Command restart() {
    return new Command(
        List.of("sh", "-c", "test ! -e broken || exit 3; echo x >> starts; cp .env running"),
        directory,
        Map.of(),
        Duration.ofSeconds(20));
  }

  private int starts() throws Exception {
    Path starts = directory.resolve("starts");
    return Files.exists(starts) ? Files.readAllLines(starts).size() : 0;
  }

  private String running() throws Exception {
    return Files.readString(directory.resolve("running"));
  }

  private static SetFlag.Input input(String flag, String share) {
    return new SetFlag.Input(flag, Share.valueOf(share), "", "", false);
  }

  private static RestoreFlag.Input undo() {
    return new RestoreFlag.Input("none");
  }

  @Test
  void rollout_isTakenBackAtOnce_absentAsAbsent_withOneRestart() throws Exception {
    for (String share : List.of("10", "50", "on")) {
      assertThat(context.run(set, input("keys", share)).changed()).isTrue();
    }
    assertThat(running()).contains("USE_NEW_KEYS=true");
    assertThat(starts()).isEqualTo(3);

    assertThat(context.run(restore, undo()).restored()).isEqualTo(1);
    assertThat(Files.readString(env())).isEqualTo(ENV);
    assertThat(running()).isEqualTo(ENV);
    assertThat(starts()).isEqualTo(4);
    assertThat(context.takenBack()).containsOnly("setFlag-1", "setFlag-2", "setFlag-3");

    assertThat(context.run(restore, undo()).restored()).isZero();
    assertThat(starts()).isEqualTo(4);
  }

  @Test
  void sameValue_restartsNothing() throws Exception {
    context.run(set, input("keys", "25"));
    assertThat(context.run(set, input("keys", "25.00")).changed()).isFalse();
    assertThat(starts()).isEqualTo(1);
  }

  @Test
  void killedAttempt_isMadeAgain_andKeepsWhatWasThereBefore() throws Exception {
    context.runKilled(set, input("keys", "on"));
    assertThat(context.retry(set, input("keys", "on")).changed()).isTrue();
    assertThat(starts()).isEqualTo(2);
    context.runKilledAfterSave(SetFlag.BEFORE, set, input("keys", "off"));
    assertThat(context.run(restore, undo()).restored()).isEqualTo(1);
    assertThat(running()).isEqualTo(ENV);
  }

  /** The application still has what the run set when the file is back. */
  @Test
  void undoThatDiedBeforeTheRestart_restartsInItsNextAttempt() throws Exception {
    context.run(set, input("keys", "on"));
    Files.createFile(directory.resolve("broken"));
    assertThatThrownBy(() -> context.run(restore, undo()))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("may still have the former value");
    assertThat(Files.readString(env())).isEqualTo(ENV);
    assertThat(running()).contains("USE_NEW_KEYS=true");
    Files.delete(directory.resolve("broken"));
    assertThat(context.retry(restore, undo()).restored()).isEqualTo(1);
    assertThat(running()).isEqualTo(ENV);
  }

  @Test
  void flagThatSomebodyElseSet_isLeftAlone_untilTheyAgree() throws Exception {
    context.run(set, input("keys", "on"));
    String ours = Files.readString(env());
    Files.writeString(env(), ENV + "USE_NEW_KEYS=theirs\n");
    assertThatThrownBy(() -> context.run(restore, undo()))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("somebody has set flag 'new-keys'")
        .hasMessageContaining("'theirs' now, this run set 'true', and before it was absent");
    assertThat(Files.readString(env())).contains("USE_NEW_KEYS=theirs");
    assertThat(context.takenBack()).isEmpty();

    Files.writeString(env(), ours);
    assertThat(context.retry(restore, undo()).restored()).isEqualTo(1);
    assertThat(Files.readString(env())).isEqualTo(ENV);
  }

  @Test
  void whatIsSetAfterTheUndo_stays() throws Exception {
    context.run(set, input("row", "on"));
    context.run(restore, undo());
    assertThat(row()).isEqualTo("false");
    context.run(set, input("row", "10"));
    context.run(restore, undo());
    assertThat(row()).isEqualTo("false");
    try (Connection connection = connections.sql(server)) {
      connection.createStatement().execute("UPDATE flag SET val = 'theirs'");
    }
    assertThat(context.run(restore, undo()).restored()).isZero();
    assertThat(row()).isEqualTo("theirs");
  }

  private String row() throws Exception {
    try (Connection connection = connections.sql(server);
        ResultSet row = connection.createStatement().executeQuery("SELECT val FROM flag")) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void rolloutInAnEnvFile_isWhatTheApplicationReads() throws Exception {
    context.run(
        set, new SetFlag.Input("keys", Share.valueOf("int(0.25*100)"), "ann, bob", "eve", false));
    assertThat(running())
        .contains("USE_NEW_KEYS='percent=25 algorithm=belay-1 seed=new-keys on=ann,bob off=eve'");
    assertThat(context.run(read, new ReadFlag.Input("keys")))
        .isEqualTo(new ReadFlag.Result("rollout", 25));
  }

  @Test
  void definitionsOfFlagd_getARule_andAreByteForByteAsBefore_afterTheUndo() throws Exception {
    context.run(set, new SetFlag.Input("flagd", Share.valueOf("0.05"), "ann", "", false));
    String rule =
        """
        {"if":[{"in":[{"var":"targetingKey"},[]]},"off",{"if":[{"in":[{"var":"targetingKey"},["ann"]]},"on",{"fractional":[["on",5],["off",9995]]}]}]}""";
    assertThat(Files.readString(definitions()))
        .isEqualTo(
            DEFINITIONS.replace(
                "\"new-keys\": {\n", "\"new-keys\": {\n      \"targeting\": " + rule + ",\n"));
    assertThat(context.run(read, new ReadFlag.Input("flagd")))
        .isEqualTo(new ReadFlag.Result("rollout", 0.05));
    context.run(set, input("flagd", "on"));
    assertThat(context.run(read, new ReadFlag.Input("flagd")).state()).isEqualTo("on");
    assertThat(context.run(restore, undo()).restored()).isEqualTo(1);
    assertThat(Files.readString(definitions())).isEqualTo(DEFINITIONS);
    assertThat(context.run(read, new ReadFlag.Input("flagd")).state()).isEqualTo("absent");
  }

  @Test
  void flagOfFlagdThatTheRuleDoesNotDecide_isRefused() throws Exception {
    for (String[] wrong :
        new String[][] {
          {"\"ENABLED\",  ", "\"DISABLED\",  ", "'state' is not ENABLED"},
          {"\"defaultVariant\": \"off\"", "\"defaultVariant\": \"on\"", "'defaultVariant'"},
          {"\"off\":false", "\"no\":false", "'variants' lack"}
        }) {
      String text = DEFINITIONS.replace(wrong[0], wrong[1]);
      Files.writeString(definitions(), text);
      assertThatThrownBy(() -> context.run(set, input("flagd", "10")))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining(wrong[2]);
      assertThat(context.run(read, new ReadFlag.Input("flagd")))
          .isEqualTo(new ReadFlag.Result("unknown", null));
      assertThat(Files.readString(definitions())).isEqualTo(text);
    }
    assertThat(context.run(restore, undo()).restored()).isZero();
  }

  @Test
  void state_isRead() throws Exception {
    assertThat(context.run(read, new ReadFlag.Input("keys")))
        .isEqualTo(new ReadFlag.Result("absent", null));
    for (String line : List.of("\"true\"=on 100", "false=off 0", "maybe=unknown null")) {
      String[] parts = line.split("=");
      Files.writeString(env(), "USE_NEW_KEYS=" + parts[0] + "\n");
      ReadFlag.Result result = context.run(read, new ReadFlag.Input("keys"));
      assertThat(result.state() + " " + result.percent()).isEqualTo(parts[1]);
    }
  }

  @Test
  void plan_tellsWhatAProgramsLineDoesOtherwise() {
    StepPlan plan = set.plan(input("keys", "int(0.29*100)"), context.environment());
    assertThat(plan.summary()).startsWith("Give 29 % of the users with a key the new version");
    assertThat(plan.details().get(0))
        .isEqualTo(
            "int(0.29*100) is 28 in floating point, so a program with that line takes 28 %; here it is 29 %");
    assertThat(plan.details()).contains("then: " + restart());
    assertThat(set.plan(input("keys", "29"), context.environment()).details().get(0))
        .isEqualTo(
            "'USE_NEW_KEYS' of 'settings' becomes: percent=29 algorithm=belay-1 seed=new-keys");
  }

  @Test
  void whatCannotBe_isRefusedBeforeTheRun() throws Exception {
    assertThat(
            set.check(
                new SetFlag.Input("keys", Share.valueOf("on"), "ann", "", false),
                context.environment()))
        .singleElement()
        .asString()
        .contains("are for a percentage");
    SetFlag.Input names = new SetFlag.Input("keys", Share.valueOf("5"), "an'n", "", false);
    assertThat(set.check(names, context.environment()).get(0)).contains("'on' has 'an'n'");
    assertThatThrownBy(() -> context.run(set, names)).isInstanceOf(BusinessStop.class);
    assertThatThrownBy(() -> Share.valueOf("int(50*100)")).hasMessageContaining("5000 percent");
    assertThatThrownBy(() -> Share.valueOf("101")).hasMessageContaining("from 0 to 100");
    assertThatThrownBy(() -> Share.valueOf("half"))
        .hasMessage(
            "must be on, off or a percentage: it must be a number of percent such as 25 or 0.05, but is 'half'");
    assertThat(Files.readString(env())).isEqualTo(ENV);
  }

  @Test
  void settings_areRefusedEarly() {
    FlagTarget wrong =
        new FlagTarget(
            "a b", "x", "k", FlagTarget.Form.FLAGD, Bucketing.BELAY_1, "off", null, null);
    assertThat(TestTypes.problems(new FlagTargetType(), wrong))
        .anyMatch(
            problem -> problem.contains(".values: must be the name of a target of type values"))
        .anyMatch(problem -> problem.contains(".off: must be another text"))
        .anyMatch(problem -> problem.contains(".algorithm: must be flagd-2"))
        .anyMatch(problem -> problem.contains(".key: must be targeting"))
        .anyMatch(problem -> problem.contains(".name: must have no spaces"));
  }

  @Test
  void text_isReadAsItIsWritten() {
    Rollout rollout =
        new Rollout(1_234, Bucketing.FLAGD_2, "new-keys", Set.of("ann"), Set.of("eve"));
    FlagText text = new FlagText(flag("definitions", "targeting", FlagTarget.Form.FLAGD, null));
    assertThat(text.rollout(text.of(rollout))).contains(rollout);
    assertThat(text.rollout("{\"if\":[]}")).isEmpty();
    assertThat(text.rollout(text.of(rollout).replace("8766", "1"))).isEmpty();
  }
}
