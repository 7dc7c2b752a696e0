package io.belay.capability.schema;

import io.belay.capability.schema.Fingerprint.Column;
import io.belay.capability.schema.Fingerprint.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Whether a migration left existing objects and data intact, and made the expected changes.
 * Everything that existed (tables, columns, defaults, constraints, triggers, views, functions and
 * so on) must still exist, do what it did ({@link KeptDefinitions}) and have the same content,
 * unless the environment declares the change as wanted. Additions are allowed. Only columns and
 * rows that existed before are compared; rows that the application added meanwhile are allowed.
 *
 * @param missingTables tables that are expected but missing, and objects of any kind that were
 *     there before and are gone
 * @param missingIndexes expected but missing or not valid
 * @param wrongColumns columns that are gone, too narrow or not jsonb where jsonb is expected, and
 *     definitions of any kind that are other than before
 * @param changedTables whose earlier content has changed
 * @param findings what is wrong, in words
 * @param notes allowed changes
 */
public record IntegrityCheck(
    int missingTables,
    int missingIndexes,
    int wrongColumns,
    int changedTables,
    List<String> findings,
    List<String> notes) {

  /**
   * @param after taken with {@link FingerprintReader#takeAsOf} of {@code before} and {@link
   *     MigrationTarget#hashedTables()}
   */
  public static IntegrityCheck of(Fingerprint before, Fingerprint after, MigrationTarget expected) {
    Collector collector = new Collector(before, after, expected);
    int tables = collector.missingTables();
    int indexes = collector.missingIndexes();
    int columns = collector.wrongColumns();
    int changed = collector.changedTables();
    collector.notes();
    return new IntegrityCheck(
        tables, indexes, columns, changed, collector.findings, collector.notes);
  }

  private static final class Collector {
    private final Fingerprint before;
    private final Fingerprint after;
    private final MigrationTarget expected;
    private final List<String> findings = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    Collector(Fingerprint before, Fingerprint after, MigrationTarget expected) {
      this.before = before;
      this.after = after;
      this.expected = expected;
    }

    private int found(int already) {
      return findings.size() - already;
    }

    /** A finding about {@code subject}, unless a change of it was declared. */
    private void changed(String subject, String text) {
      if (expected.acceptedChanges().contains(subject)) {
        notes.add("%s (declared in accepted-changes)".formatted(text));
      } else {
        findings.add(text);
      }
    }

    int missingTables() {
      int already = findings.size();
      for (String name : expected.expectedTables()) {
        if (!after.tables().containsKey(name) && !before.tables().containsKey(name)) {
          findings.add("expected table %s is missing".formatted(name));
        }
      }
      for (String name : before.tables().keySet()) {
        if (!after.tables().containsKey(name)) {
          changed("table " + name, "table %s existed before and is gone".formatted(name));
        }
      }
      for (String name : expected.hashedTables()) {
        if (!before.tables().containsKey(name)) {
          findings.add(
              "table %s is to be compared, but did not exist before: check hashedTables"
                  .formatted(name));
        }
      }
      definitions(true);
      return found(already);
    }

    /** All definitions that existed and are gone, or are other and do not what they did. */
    private void definitions(boolean gone) {
      before
          .tables()
          .forEach(
              (name, old) -> {
                Table now = after.tables().get(name);
                if (now != null) {
                  definitions(name + ": ", old.details(), now.details(), gone);
                }
              });
      definitions("", before.objects(), after.objects(), gone);
    }

    private void definitions(
        String prefix, Map<String, String> old, Map<String, String> now, boolean gone) {
      old.forEach(
          (name, definition) -> {
            String present = now.get(name);
            if (gone == (present == null) && !KeptDefinitions.keep(old, name, present)) {
              changed(
                  prefix + name, KeptDefinitions.difference(prefix + name, definition, present));
            }
          });
    }

    int missingIndexes() {
      int already = findings.size();
      for (String name : expected.expectedIndexes()) {
        List<String> definitions =
            after.tables().values().stream()
                .map(table -> table.details().get("index " + name))
                .filter(Objects::nonNull)
                .toList();
        if (definitions.isEmpty()) {
          findings.add("expected index %s is missing".formatted(name));
        } else if (definitions.stream().allMatch(definition -> definition.endsWith(" INVALID"))) {
          findings.add("expected index %s is not valid; it must be built again".formatted(name));
        }
      }
      return found(already);
    }

    int wrongColumns() {
      int already = findings.size();
      for (String name : expected.expectedJsonb()) {
        int dot = name.lastIndexOf('.');
        Table table = dot < 0 ? null : after.tables().get(name.substring(0, dot));
        Column column = table == null ? null : table.columns().get(name.substring(dot + 1));
        if (column == null || !column.type().equals("jsonb")) {
          findings.add(
              "column %s must be jsonb, but is %s"
                  .formatted(name, column == null ? "missing" : column.type()));
        }
      }
      before.tables().forEach(this::columnsKept);
      definitions(false);
      return found(already);
    }

    private void columnsKept(String tableName, Table old) {
      Table now = after.tables().get(tableName);
      if (now == null) {
        return;
      }
      old.columns()
          .forEach(
              (name, column) -> {
                String subject = "column %s.%s".formatted(tableName, name);
                Column present = now.columns().get(name);
                String difference = KeptDefinitions.difference(subject, column, present);
                if (!KeptDefinitions.keep(column, present)) {
                  changed(subject, difference);
                } else if (!present.type().equals(column.type())) {
                  notes.add(difference);
                }
              });
    }

    int changedTables() {
      int already = findings.size();
      before.tables().forEach(this::contentKept);
      return found(already);
    }

    private void contentKept(String name, Table old) {
      Table now = after.tables().get(name);
      if (now == null
          || !(expected.hashedTables().isEmpty() || expected.hashedTables().contains(name))) {
        return;
      }
      if (!now.key().equals(old.key())) {
        changed(
            "content of " + name,
            "content of %s cannot be compared: the columns that told its rows apart are gone"
                .formatted(name));
        return;
      }
      List<String> changed =
          old.columns().entrySet().stream()
              .filter(column -> changed(column, now))
              .map(Map.Entry::getKey)
              .toList();
      if (old.rows() != now.rows()) {
        changed(
            "table " + name,
            "table %s had %d rows, of which it now has %d".formatted(name, old.rows(), now.rows()));
      } else if (!changed.isEmpty()) {
        changed(
            "content of " + name,
            "content of %s changed in %s".formatted(name, String.join(", ", changed)));
      }
    }

    private static boolean changed(Map.Entry<String, Column> old, Table now) {
      Column present = now.columns().get(old.getKey());
      // A column that is gone or too narrow is already counted there.
      return present != null
          && KeptDefinitions.holdsAll(old.getValue().type(), present.type())
          && !Objects.equals(present.hash(), old.getValue().hash());
    }

    void notes() {
      after.tables().keySet().stream()
          .filter(name -> !before.tables().containsKey(name))
          .forEach(name -> notes.add("table %s was added".formatted(name)));
      before
          .tables()
          .forEach(
              (name, old) -> {
                Table now = after.tables().get(name);
                if (now != null) {
                  allowed(name + ": ", old.details(), now.details());
                }
              });
      allowed("", before.objects(), after.objects());
    }

    /** The differences that are no findings. */
    private void allowed(String prefix, Map<String, String> old, Map<String, String> now) {
      List<String> differences = new ArrayList<>();
      FingerprintComparison.definitions(prefix, old, now, differences);
      differences.stream()
          .filter(difference -> !findings.contains(difference))
          .filter(difference -> notes.stream().noneMatch(note -> note.startsWith(difference)))
          .forEach(notes::add);
    }
  }
}
