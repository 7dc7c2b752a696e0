package io.belay.journal;

import java.sql.ResultSet;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Finds entries of several runs by who, what and when. */
@Component
public class JournalSearch {

  /**
   * Search criteria; null matches anything.
   *
   * @param runs ids
   * @param actor who did it
   * @param since not before
   * @param until before
   * @param text part of the entry's text, ignoring case
   * @param before only entries with a lower id
   */
  public record Wanted(
      Collection<String> runs,
      Kind kind,
      String actor,
      Instant since,
      Instant until,
      String text,
      Long before,
      int limit) {}

  private final JdbcTemplate jdbc;
  private final Journal journal;

  JournalSearch(JdbcTemplate jdbc, Journal journal) {
    this.jdbc = jdbc;
    this.journal = journal;
  }

  /** The matching entries, newest first. */
  public List<JournalEntry> find(Wanted wanted) {
    if (wanted.runs().isEmpty()) {
      return List.of();
    }
    List<Object> arguments = new ArrayList<>(wanted.runs());
    StringBuilder where =
        new StringBuilder("run_id IN (")
            .append(String.join(",", Collections.nCopies(wanted.runs().size(), "?")))
            .append(')');
    and(where, arguments, "kind = ?", wanted.kind() == null ? null : wanted.kind().name());
    and(where, arguments, "actor = ?", wanted.actor());
    and(where, arguments, "at >= ?", time(wanted.since()));
    and(where, arguments, "at < ?", time(wanted.until()));
    and(where, arguments, "LOWER(text) LIKE ? ESCAPE '!'", pattern(wanted.text()));
    and(where, arguments, "id < ?", wanted.before());
    arguments.add(wanted.limit());
    return jdbc.query(
        "SELECT "
            + Journal.COLUMNS
            + " FROM belay_journal WHERE "
            + where
            + " ORDER BY id DESC LIMIT ?",
        (ResultSet row, int index) -> journal.read(row),
        arguments.toArray());
  }

  private static void and(
      StringBuilder where, List<Object> arguments, String condition, Object argument) {
    if (argument != null) {
      where.append(" AND ").append(condition);
      arguments.add(argument);
    }
  }

  private static LocalDateTime time(Instant instant) {
    return instant == null ? null : LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
  }

  private static String pattern(String text) {
    return text == null
        ? null
        : '%' + text.toLowerCase(Locale.ROOT).replaceAll("[!%_]", "!$0") + '%';
  }
}
