package io.belay.capability.schema;

import io.belay.capability.schema.Fingerprint.Column;
import io.belay.capability.schema.Fingerprint.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Whether a migration left existing objects and data intact, and made the expected changes.
 * Additions are allowed, changed indexes are noted and allowed; everything that existed must still
 * exist with the same content. Only columns and rows that existed before are compared; rows that
 * the application added meanwhile are allowed.
 *
 * @param missingTables expected but missing, or there before and gone
 * @param missingIndexes expected but missing or not valid
 * @param wrongColumns gone, of another type than before, or not jsonb where jsonb is expected
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

    int missingTables() {
      int already = findings.size();
      for (String name : expected.expectedTables()) {
        if (!after.tables().containsKey(name) && !before.tables().containsKey(name)) {
          findings.add("expected table %s is missing".formatted(name));
        }
      }
      for (String name : before.tables().keySet()) {
        if (!after.tables().containsKey(name)) {
          findings.add("table %s existed before and is gone".formatted(name));
        }
      }
      for (String name : expected.hashedTables()) {
        if (!before.tables().containsKey(name)) {
          findings.add(
              "table %s is to be compared, but did not exist before: check hashedTables"
                  .formatted(name));
        }
      }
      return found(already);
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
                Column present = now.columns().get(name);
                if (present == null) {
                  findings.add("column %s.%s is gone".formatted(tableName, name));
                } else if (!present.type().equals(column.type())) {
                  findings.add(
                      "column %s.%s is %s, before %s"
                          .formatted(tableName, name, present.type(), column.type()));
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
        findings.add(
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
        findings.add(
            "table %s had %d rows, of which it now has %d".formatted(name, old.rows(), now.rows()));
      } else if (!changed.isEmpty()) {
        findings.add("content of %s changed in %s".formatted(name, String.join(", ", changed)));
      }
    }

    private static boolean changed(Map.Entry<String, Column> old, Table now) {
      Column present = now.columns().get(old.getKey());
      // A column that is gone or of another type is already counted there.
      return present != null
          && present.type().equals(old.getValue().type())
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
                  FingerprintComparison.definitions(
                      name + ": ", old.details(), now.details(), notes);
                }
              });
      FingerprintComparison.definitions("", before.objects(), after.objects(), notes);
    }
  }
}
