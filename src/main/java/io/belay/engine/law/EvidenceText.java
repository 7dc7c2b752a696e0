package io.belay.engine.law;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** Journal entries as text: a heading for each phase, and below it the outcome of each step. */
final class EvidenceText {

  private static final int LONGEST_PROOF = 100;
  private static final String ELSEWHERE = "  … (more on the page of the run)";

  /** The names that the models give. */
  interface Names {

    String phase(String key);

    String activity(String phase, String activityId);
  }

  /** The outcome of one element of the model, however often it was reached. */
  private static final class Told {

    private String text = "";
    private int times;
    private final Map<String, Integer> verdicts = new LinkedHashMap<>();

    private String line(String name) {
      String said = text.isEmpty() ? "done" : text;
      if (times == 1) {
        return "  • %s: %s".formatted(name, said);
      }
      String all =
          verdicts.entrySet().stream()
              .map(verdict -> verdict.getValue() + " " + words(verdict.getKey()))
              .collect(Collectors.joining(", "));
      return "  • %s (%d times%s), last: %s"
          .formatted(name, times, all.isEmpty() ? "" : ": " + all, said);
    }
  }

  private static final class Phase {

    private final String key;
    private final Instant began;
    private String outcome = "goes on";
    private final Map<String, Told> told = new LinkedHashMap<>();

    private Phase(String key, Instant began) {
      this.key = key;
      this.began = began;
    }
  }

  private final Names names;
  private final Map<String, Phase> phases = new LinkedHashMap<>();
  private final Map<String, List<String>> artifacts = new LinkedHashMap<>();
  private String latest;

  private EvidenceText(Names names) {
    this.names = names;
  }

  /**
   * @param entries oldest first
   * @param limit maximum number of characters; details of the earliest phases are dropped first
   */
  static String of(List<JournalEntry> entries, Names names, int limit) {
    EvidenceText text = new EvidenceText(names);
    entries.forEach(text::add);
    return text.within(limit);
  }

  private void add(JournalEntry entry) {
    if (entry.kind() == Kind.PHASE_STARTED) {
      latest = entry.instanceId();
      phases.put(latest, new Phase(entry.text(), entry.at()));
      return;
    }
    Phase phase = phases.get(entry.instanceId() == null ? latest : entry.instanceId());
    if (phase == null) {
      return; // of the run itself, before its first phase
    }
    switch (entry.kind()) {
      case PHASE_ENDED ->
          phase.outcome =
              "%s, after %s"
                  .formatted(
                      entry.text(), Figures.duration(Duration.between(phase.began, entry.at())));
      case ARTIFACT ->
          artifacts
              .computeIfAbsent(entry.stepKey(), key -> new ArrayList<>())
              .add(artifact(entry.payload()));
      case RESULT -> tell(phase, entry, result(entry), verdict(entry.payload()));
      case GATE -> tell(phase, entry, gate(entry.payload()), verdict(entry.payload()));
      case TASK_COMPLETED -> tell(phase, entry, answer(entry), null);
      case SKIP_REQUESTED ->
          tell(phase, entry, "overridden by %s: %s".formatted(entry.actor(), entry.text()), null);
      case INCIDENT ->
          tell(phase, entry, "FAILED: " + entry.text().replaceFirst("^\\S+: ", ""), null);
      default -> tell(phase, entry, entry.text(), null);
    }
  }

  private static void tell(Phase phase, JournalEntry entry, String text, String verdict) {
    Told told = phase.told.remove(entry.activityId());
    if (told == null) {
      told = new Told();
    }
    told.text = text;
    told.times++;
    if (verdict != null) {
      told.verdicts.merge(verdict, 1, Integer::sum);
    }
    phase.told.put(entry.activityId(), told); // moved to the end: it came last
  }

  private static String verdict(JsonNode payload) {
    return payload.hasNonNull("verdict") ? payload.path("verdict").asText() : null;
  }

  private String result(JournalEntry entry) {
    StringJoiner parts = new StringJoiner("; ");
    JsonNode result = entry.payload();
    List<String> written = artifacts.getOrDefault(entry.stepKey(), List.of());
    if (result.hasNonNull("verdict")) {
      parts.add(verdictAndReason(result));
    } else if (written.isEmpty()) {
      String figures = figures(result);
      if (!figures.isEmpty()) {
        parts.add(figures);
      }
    }
    written.forEach(parts::add);
    return parts.toString();
  }

  private static String gate(JsonNode gate) {
    return "%s (%s)".formatted(verdictAndReason(gate), figures(gate.path("inputs")));
  }

  private static String verdictAndReason(JsonNode result) {
    String reason = result.path("reason").asText("");
    return result.path("verdict").asText() + (reason.isEmpty() ? "" : ", " + reason);
  }

  /** {@code weight 25, previous 10}; a single boolean says whether the step had to act. */
  private static String figures(JsonNode values) {
    if (values.size() == 1 && values.iterator().next().isBoolean()) {
      return values.iterator().next().booleanValue() ? "done" : "nothing had to be done";
    }
    return values.properties().stream()
        .filter(value -> !value.getValue().asText().isEmpty() && !value.getValue().isNull())
        .map(value -> words(value.getKey()) + " " + figure(value.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String figure(JsonNode value) {
    return value.isBoolean()
        ? value.booleanValue() ? "yes" : "no"
        : value.isNumber() ? Figures.number(value.numberValue()) : value.asText();
  }

  /** {@code redisUp} and {@code NO_DATA} in words; what has spaces is in words already. */
  private static String words(String name) {
    return name.contains(" ")
        ? name
        : name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").replace('_', ' ').toLowerCase(Locale.ROOT);
  }

  private static String artifact(JsonNode manifest) {
    String checksum = manifest.path("sha256").asText();
    return "%s of %s, SHA-256 %s…%s"
        .formatted(
            manifest.path("kind").asText(),
            Figures.bytes(manifest.path("size").asLong()),
            checksum.substring(0, Math.min(12, checksum.length())),
            manifest.path("encrypted").asBoolean() ? ", encrypted" : "");
  }

  private static String answer(JournalEntry entry) {
    StringJoiner text = new StringJoiner(", ").add("by " + entry.actor());
    for (String field : List.of("decision", "reason")) {
      if (entry.payload() != null && entry.payload().hasNonNull(field)) {
        text.add(field + " " + entry.payload().path(field).asText());
      }
    }
    if (entry.payload() != null && entry.payload().hasNonNull("proof")) {
      text.add("proof " + brief(entry.payload().path("proof").asText()));
    }
    return text.toString();
  }

  /** The whole of it is in the report. */
  private static String brief(String proof) {
    String line = proof.strip().replaceAll("\\s+", " ");
    return line.length() <= LONGEST_PROOF ? line : line.substring(0, LONGEST_PROOF) + "…";
  }

  private String within(int limit) {
    List<List<String>> parts = phases.values().stream().map(this::lines).toList();
    String text = join(parts);
    for (List<String> part : parts) {
      boolean first = true;
      while (text.length() > limit && part.size() > (first ? 1 : 2)) {
        if (first) {
          part.set(1, ELSEWHERE);
          first = false;
        } else {
          part.remove(2);
        }
        text = join(parts);
      }
    }
    return text.length() <= limit ? text : "…" + text.substring(text.length() - limit + 1);
  }

  private List<String> lines(Phase phase) {
    List<String> lines = new ArrayList<>();
    lines.add("%s: %s".formatted(names.phase(phase.key), phase.outcome));
    phase.told.forEach(
        (activityId, told) -> lines.add(told.line(names.activity(phase.key, activityId))));
    return lines;
  }

  private static String join(List<List<String>> parts) {
    return parts.stream()
        .map(lines -> String.join("\n", lines))
        .collect(Collectors.joining("\n\n"));
  }
}
