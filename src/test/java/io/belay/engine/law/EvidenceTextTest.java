package io.belay.engine.law;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvidenceTextTest {

  private static final Instant BEGINNING = Instant.parse("2026-11-24T10:00:00Z");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<JournalEntry> entries = new ArrayList<>();

  @Test
  void whatWasDone_isToldByPhase_withReasonsSizesAndNumbers() {
    add(0, Kind.PHASE_STARTED, "backup", null, null, null, null);
    add(
        1,
        Kind.RESULT,
        "done",
        "Task_CheckSpace",
        "1",
        null,
        "{'verdict':'PASS','reason':'enough'}");
    add(
        2,
        Kind.ARTIFACT,
        "run/db",
        "Task_TakeBackup",
        "2",
        null,
        "{'kind':'postgres-backup','size':4200000,'sha256':'0123456789abcdef','encrypted':true}");
    add(2, Kind.RESULT, "done", "Task_TakeBackup", "2", null, "{'artifact':'run/db','bytes':42}");
    add(33, Kind.PHASE_ENDED, "passed", null, null, null, null);
    begin(40, "rollout");
    add(41, Kind.RESULT, "done", "Task_Start", "0", null, "{'started':false}");
    add(41, Kind.RESULT, "done", "Task_Shift", "3", null, "{'weight':10,'previous':0,'note':null}");
    add(
        44,
        Kind.GATE,
        "PASS",
        "Decide_Rollout",
        null,
        null,
        "{'verdict':'PASS','reason':'all is well','inputs':{'P95 latency (ms)':12.3456,'redisUp':true}}");
    add(
        50,
        Kind.TASK_COMPLETED,
        "Confirm",
        "Task_Confirm",
        null,
        "olga",
        "{'decision':'go','reason':'seen','looked':true}");

    assertThat(text(4000))
        .isEqualTo(
            """
            The backup: passed, after 33 s
              • CheckSpace: PASS, enough
              • TakeBackup: postgres-backup of 4.2 MB, SHA-256 0123456789ab…, encrypted

            The rollout: goes on
              • Start: nothing had to be done
              • Shift: weight 10, previous 0
              • Decide_Rollout: PASS, all is well (P95 latency (ms) 12.35, redis up yes)
              • Confirm: by olga, decision go, reason seen""");
  }

  @Test
  void whatWentWrong_isNotLeftOut() {
    begin(0, "backup");
    add(1, Kind.INCIDENT, "Task_Dump: the server is down", "Task_Dump", null, null, null);
    add(2, Kind.SKIP_REQUESTED, "dumped by hand", "Task_Dump", "1", "olga", null);
    add(3, Kind.BUSINESS_STOP, "no tables", "Task_Check", "2", null, null);
    add(4, Kind.PHASE_ENDED, "failed: no tables", null, null, null, null);

    assertThat(text(4000))
        .contains("The backup: failed: no tables, after 4 s")
        .contains("Dump (2 times), last: overridden by olga: dumped by hand")
        .contains("Check: no tables");
  }

  @Test
  void proofOfAPersonsWork_isToldInBrief() {
    begin(0, "checklist");
    add(
        1,
        Kind.TASK_COMPLETED,
        "Change by hand",
        "Task_Change",
        null,
        "olga",
        "{'done':true,'proof':'dig says\\n10.0.0.7 %s'}".formatted("x".repeat(200)));

    assertThat(text(4000)).contains("Change: by olga, proof dig says 10.0.0.7 xxx").endsWith("xx…");
  }

  @Test
  void whatIsRepeated_isCountedByVerdict_andTheLastIsTold() {
    begin(0, "soak");
    for (String verdict : List.of("PASS", "NO_DATA", "PASS")) {
      add(
          1,
          Kind.GATE,
          verdict,
          "Decide_Soak",
          null,
          null,
          "{'verdict':'%s','reason':'so','inputs':{'samples':7}}".formatted(verdict));
    }

    assertThat(text(4000))
        .contains("Decide_Soak (3 times: 2 pass, 1 no data), last: PASS, so (samples 7)");
  }

  @Test
  void detailsOfTheEarliestPhases_giveWay_theirOutcomesStay() {
    for (String phase : List.of("one", "two", "three")) {
      begin(0, phase);
      IntStream.range(0, 10)
          .forEach(
              i ->
                  add(
                      1,
                      Kind.RESULT,
                      "done",
                      "Task_Check" + i,
                      phase + i,
                      null,
                      "{'verdict':'PASS','reason':'as it should be'}"));
      add(2, Kind.PHASE_ENDED, "passed", null, null, null, null);
    }

    String text = text(700);
    assertThat(text).hasSizeLessThanOrEqualTo(700);
    assertThat(text)
        .contains("The one: passed", "The two: passed", "The three: passed")
        .contains("more on the page of the run")
        .endsWith("Check9: PASS, as it should be");
    assertThat(text.indexOf("Check0")).isGreaterThan(text.indexOf("The three"));
    assertThat(text(40)).hasSize(40).startsWith("…");
  }

  @Test
  void nothingYet_isNoText() {
    assertThat(text(4000)).isEmpty();
  }

  private String instance;

  private void begin(int second, String phase) {
    add(second, Kind.PHASE_STARTED, phase, null, null, null, null);
  }

  private void add(
      int second,
      Kind kind,
      String text,
      String activity,
      String key,
      String actor,
      String payload) {
    if (kind == Kind.PHASE_STARTED) {
      instance = "instance-" + text;
    }
    entries.add(
        new JournalEntry(
            entries.size(),
            "run",
            BEGINNING.plusSeconds(second),
            kind,
            // A person's act is written down before it is known where the run is.
            kind == Kind.SKIP_REQUESTED ? null : instance,
            activity,
            null,
            key,
            actor,
            text,
            json(payload)));
  }

  private static JsonNode json(String payload) {
    try {
      return payload == null ? null : JSON.readTree(payload.replace('\'', '"'));
    } catch (java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private String text(int limit) {
    return EvidenceText.of(
        entries,
        new EvidenceText.Names() {
          @Override
          public String phase(String key) {
            return "The " + key;
          }

          @Override
          public String activity(String phase, String activityId) {
            return activityId.replace("Task_", "");
          }
        },
        limit);
  }
}
