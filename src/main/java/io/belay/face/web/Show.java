package io.belay.face.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.engine.law.Figures;
import io.belay.journal.JournalEntry;
import io.belay.run.RunPlan.PlannedTask;
import io.belay.run.RunStatus;
import io.belay.step.StepPlan.Effect;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.springframework.stereotype.Component;
import org.springframework.web.util.HtmlUtils;

/** How values look on the pages, as {@code show} in the templates. */
@Component
class Show {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("d MMM yyyy HH:mm:ss 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

  /** In UTC, with the zone's name; on a page {@code belay.js} converts it to the viewer's zone. */
  public String time(Instant time) {
    return time == null ? "" : TIME.format(time);
  }

  /** The time of day; as {@link #time}. */
  public String clock(Instant time) {
    return time == null ? "" : CLOCK.format(time);
  }

  /** A constant in words: {@code WAITING_FOR_PERSON} is {@code waiting for person}. */
  public String words(Object constant) {
    return constant == null ? "" : constant.toString().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** From start to end, or to now. */
  public String between(Instant start, Instant end) {
    return duration(Duration.between(start, end == null ? Instant.now() : end));
  }

  public String duration(Duration duration) {
    return Figures.duration(duration);
  }

  /** The guide's shortest and longest estimate. */
  public String estimate(List<Duration> estimate) {
    return estimate.isEmpty()
        ? ""
        : estimate.size() == 1 || estimate.get(0).equals(estimate.get(1))
            ? duration(estimate.get(0))
            : duration(estimate.get(0)) + " – " + duration(estimate.get(1));
  }

  public String bytes(long size) {
    return Figures.bytes(size);
  }

  public String number(Object value) {
    return Figures.number(value);
  }

  public String tone(RunStatus status) {
    return switch (status) {
      case COMPLETED -> "good";
      case RUNNING -> "busy";
      case WAITING_FOR_PERSON -> "wait";
      case ROLLING_BACK, ROLLED_BACK, TAKEN_OVER -> "back";
      case INCIDENT, ROLLBACK_INCOMPLETE, CANCELLED -> "bad";
    };
  }

  public String verdictTone(String verdict) {
    return switch (verdict) {
      case "PASS" -> "good";
      case "FAIL" -> "bad";
      default -> "wait";
    };
  }

  public String effect(PlannedTask task) {
    return task.plan() == null ? task.kind() : words(task.plan().effect());
  }

  public String effectTone(PlannedTask task) {
    if (task.plan() == null) {
      return "plain";
    }
    Effect effect = task.plan().effect();
    return effect == Effect.OBSERVES ? "good" : effect == Effect.CHANGES ? "wait" : "bad";
  }

  public String summary(PlannedTask task) {
    if (task.plan() != null) {
      return task.plan().summary();
    }
    return switch (task.kind()) {
      case "gate" -> "Decides by the table " + task.step();
      case "approval" -> "A person decides";
      default -> task.problem() == null ? "" : task.problem();
    };
  }

  public String expected(PlannedTask task) {
    Duration expected =
        task.lastTook() != null
            ? task.lastTook()
            : task.plan() == null ? null : task.plan().expected();
    return duration(expected);
  }

  /** {@code decision go, reason …} */
  public String payload(JsonNode payload) {
    StringJoiner text = new StringJoiner(", ");
    if (payload != null && payload.isObject()) {
      payload.properties().stream()
          .filter(field -> !field.getKey().equals(JournalEntry.VERSION))
          .forEach(field -> text.add(field.getKey() + " " + field.getValue().asText()));
    }
    return text.toString();
  }

  /**
   * The little Markdown that instructions use: paragraphs, lists, headings, bold, code. All else is
   * text: the result is safe HTML.
   */
  public String markdown(String text) {
    StringBuilder html = new StringBuilder();
    for (String block : HtmlUtils.htmlEscape(text).strip().split("\\R\\s*\\R")) {
      html.append(block(block.strip()));
    }
    return html.toString();
  }

  private static String block(String block) {
    StringBuilder html = new StringBuilder();
    String list = null;
    StringBuilder paragraph = new StringBuilder();
    for (String line : block.split("\\R")) {
      String kind =
          line.matches("\\s*[*-]\\s+.*") ? "ul" : line.matches("\\s*\\d+\\.\\s+.*") ? "ol" : null;
      if (list != null && !list.equals(kind)) {
        html.append("</").append(list).append('>');
        list = null;
      }
      if (kind != null) {
        flush(paragraph, html);
        html.append(list == null ? "<" + kind + ">" : "");
        list = kind;
        html.append("<li>")
            .append(inline(line.replaceFirst("\\s*([*-]|\\d+\\.)\\s+", "")))
            .append("</li>");
      } else if (line.startsWith("#")) {
        flush(paragraph, html);
        html.append("<h3>").append(inline(line.replaceFirst("#+\\s*", ""))).append("</h3>");
      } else {
        paragraph.append(paragraph.isEmpty() ? "" : " ").append(line.strip());
      }
    }
    flush(paragraph, html);
    return html.append(list == null ? "" : "</" + list + ">").toString();
  }

  private static void flush(StringBuilder paragraph, StringBuilder html) {
    if (!paragraph.isEmpty()) {
      html.append("<p>").append(inline(paragraph.toString())).append("</p>");
      paragraph.setLength(0);
    }
  }

  private static String inline(String escaped) {
    return escaped
        .replaceAll("\\*\\*([^*]+)\\*\\*", "<strong>$1</strong>")
        .replaceAll("`([^`]+)`", "<code>$1</code>");
  }
}
