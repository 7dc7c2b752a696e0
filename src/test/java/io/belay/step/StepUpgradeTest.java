package io.belay.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.step.StepWorld.ChangeThings;
import io.belay.step.StepWorld.ChangeThings.FileBefore;
import io.belay.target.Cancellation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A run that an earlier version began, and this version takes back: what the journal tells is read
 * exactly, or refused.
 */
class StepUpgradeTest {

  private static final String INPUT =
      "{'things':'all','share':25,'timeout':'PT5S','paths':['a'],'mode':'KEEP','tool':null}";

  private static StepWorld world;

  private final String run = world.run(0);
  private final Path file;

  StepUpgradeTest(@TempDir Path directory) {
    file = directory.resolve("app.conf");
  }

  @BeforeAll
  static void start() {
    world = new StepWorld();
  }

  @AfterAll
  static void stop() {
    world.close();
  }

  @Test
  void undo_ofARenamedStep_withRenamedComponents_takesItBack() throws Exception {
    Files.writeString(file, "new");
    began("alterThings", INPUT);
    saved("alterThings", "document", "{'name':'%s','text':'old'}".formatted(file));

    undo();

    assertThat(file).hasContent("old");
  }

  @Test
  void undo_ofAFileThatWasNotThere_removesIt() throws Exception {
    Files.writeString(file, "new");
    began("changeThings", INPUT);
    saved("changeThings", "file", "{'path':'%s','content':null}".formatted(file));

    undo();

    assertThat(file).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'path':'$'}|'content' is absent",
        "{'path':'$','contents':'old'}|is absent",
        "{'path':'$','contents':'old','content':null}|'contents' is not known",
        "{'path':'$','content':7}|'content'",
        "{'path':'$','content':'old','recordVersion':2}|it has version 2",
        "{'path':'$','content':'old','recordVersion':'x'}|its version 'x'",
        "null|there is no value",
        "[]|Cannot deserialize",
        "'old'|no String-argument",
      })
  void undo_thatCannotReadWhatAFileWas_leavesIt_andSaysSo(String value, String why)
      throws Exception {
    Files.writeString(file, "new");
    began("changeThings", INPUT);
    saved("changeThings", "file", value.replace("$", file.toString()));

    assertThatThrownBy(this::undo)
        .isInstanceOf(StepFailed.class)
        .matches(failure -> ((StepFailed) failure).isPermanent(), "an incident at once")
        .hasMessageContaining("run of a test")
        .hasMessageContaining("checkpoint 'file' of Task_Change (changeThings)")
        .hasMessageContaining(why)
        .hasMessageContaining("Nothing was changed")
        .hasMessageContaining("override this step");
    assertThat(file).hasContent("new");
  }

  @Test
  void undo_withAStepThatThisVersionDoesNotHave_findsNotNothing() throws Exception {
    Files.writeString(file, "new");
    began("rewriteThings", INPUT);
    saved("rewriteThings", "file", "{'path':'%s','content':'old'}".formatted(file));

    assertThatThrownBy(this::undo)
        .isInstanceOf(StepFailed.class)
        .hasMessageContaining("what the steps [rewriteThings] did")
        .hasMessageContaining("it has no such steps");
  }

  @Test
  void undo_withACheckpointThatThisVersionDoesNotHave_findsNotNothing() throws Exception {
    Files.writeString(file, "new");
    began("changeThings", INPUT);
    saved("changeThings", "fileBefore", "{'path':'%s','content':'old'}".formatted(file));

    assertThatThrownBy(this::undo)
        .isInstanceOf(StepFailed.class)
        .hasMessageContaining("checkpoint 'fileBefore'")
        .hasMessageContaining("knows no such checkpoint");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'things':'all','timeout':'PT5S','paths':['a'],'mode':'KEEP','tool':null}|'weight' is absent",
        "{'things':'all','share':25,'timeout':'PT5S','paths':['a'],'mode':'MOVE','tool':null}|MOVE",
        "{'things':'all','share':null,'timeout':'PT5S','paths':['a'],'mode':'KEEP','tool':null}|'weight'",
        "{'things':'all','share':'25','timeout':'PT5S','paths':['a'],'mode':'KEEP','tool':null}|'weight': Cannot coerce String",
      })
  void inputThatCannotBeRead_isNoOtherInput(String input, String why) throws Exception {
    began("changeThings", input);

    assertThatThrownBy(this::undo)
        .isInstanceOf(StepFailed.class)
        .hasMessageContaining("the input of Task_Change (changeThings)")
        .hasMessageContaining(why);
  }

  @Test
  void resultThatCannotBeRead_isNotReportedAsAnother() throws Exception {
    String key = UUID.randomUUID().toString();
    write(Kind.INTENT, "changeThings", key, "attempt 1", INPUT);
    write(Kind.RESULT, "changeThings", key, "done", "{'verdict':'PASS','reason':'fine'}");
    StepTask task = new StepTask(key, run, "run of a test", "i", "Task_Change", Map.of());

    assertThatThrownBy(
            () ->
                world.get(StepRunner.class).run(world.step(), StepCall.of(task), Cancellation.NONE))
        .isInstanceOf(StepFailed.class)
        .hasMessageContaining("the result of Task_Change (changeThings)")
        .hasMessageContaining("'changed' is absent");
  }

  @Test
  void recordsOfThisVersion_carryTheirVersion() throws Exception {
    world.step().work =
        (input, context) -> {
          context.save("file", new FileBefore("a", null));
          return ChangeThings.DONE;
        };
    run(Map.of());

    assertThat(world.entries(run))
        .filteredOn(entry -> entry.payload() != null)
        .extracting(
            entry ->
                (entry.kind() == Kind.CHECKPOINT ? entry.payload().path("value") : entry.payload())
                    .path(JournalEntry.VERSION)
                    .asInt())
        .containsExactly(1, 1, 1);
  }

  @Test
  void modelOfAnEarlierVersion_passesAnInputUnderItsFormerName() throws Exception {
    world.step().work =
        (input, context) -> {
          assertThat(input.weight()).isEqualTo(42);
          return ChangeThings.DONE;
        };
    run(Map.of("share", 42));
  }

  /** Puts every file back as the run's changes found it. */
  private void undo() throws Exception {
    world.step().work =
        (input, context) -> {
          for (PastStep past : context.started("changeThings")) {
            if (past.input(ChangeThings.Input.class).weight() == 25) {
              FileBefore before = past.saved("file", FileBefore.class).orElse(null);
              if (before != null && before.content() == null) {
                Files.delete(Path.of(before.path()));
              } else if (before != null) {
                Files.writeString(Path.of(before.path()), before.content());
              }
            }
          }
          return ChangeThings.DONE;
        };
    run(Map.of());
  }

  private void run(Map<String, Object> inputs) throws Exception {
    StepTask task =
        new StepTask(UUID.randomUUID().toString(), run, "run of a test", "i", "Task_Undo", inputs);
    world.get(StepRunner.class).run(world.step(), StepCall.of(task), Cancellation.NONE);
  }

  private void began(String step, String input) throws JsonProcessingException {
    write(Kind.INTENT, step, "key-" + run, "attempt 1", input);
  }

  private void saved(String step, String name, String value) throws JsonProcessingException {
    write(
        Kind.CHECKPOINT,
        step,
        "key-" + run,
        name,
        "{'name':'%s','value':%s}".formatted(name, value));
  }

  /** As Belay 0.1 wrote it: without a version. */
  private void write(Kind kind, String step, String key, String text, String json)
      throws JsonProcessingException {
    JsonNode payload = JsonMapper.builder().build().readTree(json.replace('\'', '"'));
    world
        .journal()
        .append(
            JournalEntry.of(run, kind, text)
                .at("i", "Task_Change")
                .ofStep(step, key)
                .with(payload));
  }
}
