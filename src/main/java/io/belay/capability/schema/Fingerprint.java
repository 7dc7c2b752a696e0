package io.belay.capability.schema;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.belay.target.MayBeAbsent;
import io.belay.target.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The state of a PostgreSQL database at one instant: its schema, its exact row counts, and a hash
 * of each column's content. Two databases with the same {@link #digest()} have the same schema and
 * the same content. Names in the schema {@code public} are written without it.
 *
 * <p>Not covered: owners, grants, comments, large objects, and the migration tools' own tables
 * ({@link VersionTables}).
 *
 * @param takenAt ISO instant of the server's clock
 * @param snapshot {@code pg_current_snapshot()}; shows later which rows were written since
 * @param statisticsReset when the server's write statistics were last reset; empty if never
 * @param objects all schema objects except tables: definition (or its hash) by kind and name; for
 *     sequences the last value
 */
public record Fingerprint(
    String takenAt,
    String snapshot,
    String statisticsReset,
    SortedMap<String, Table> tables,
    SortedMap<String, String> objects) {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .build();

  private static final ObjectMapper STRICT = StrictJson.over(JSON);

  /**
   * A table or one partition of it.
   *
   * @param rows exact number
   * @param key the columns that identify a row: the primary key, or without one all columns
   * @param keyMax highest key, when the key is one integer column; else null
   * @param details constraints, indexes and triggers: definition by kind and name
   * @param writes the server's counters at that time; null if it does not count
   */
  public record Table(
      long rows,
      List<String> key,
      @MayBeAbsent("the key is not one integer column") Long keyMax,
      SortedMap<String, Column> columns,
      SortedMap<String, String> details,
      @MayBeAbsent("the server does not count") Writes writes) {

    private Table comparable() {
      SortedMap<String, Column> plainColumns = new TreeMap<>();
      columns.forEach(
          (name, c) ->
              plainColumns.put(
                  name,
                  new Column(
                      c.position(),
                      c.type(),
                      c.nullable(),
                      Definition.canonical(c.definition()),
                      c.hash())));
      SortedMap<String, String> plainDetails = new TreeMap<>(details);
      plainDetails.replaceAll((name, definition) -> Definition.canonical(definition));
      return new Table(rows, key, keyMax, plainColumns, plainDetails, null);
    }
  }

  /**
   * A column.
   *
   * @param position among the existing columns, from 1
   * @param definition default, identity or generation expression; empty when none
   * @param hash of all its values, each bound to its row; null when the content was not read
   */
  public record Column(
      int position,
      String type,
      boolean nullable,
      String definition,
      @MayBeAbsent("the content was not read") String hash) {}

  /** Rows written since the server's statistics were last reset, as the server counts them. */
  public record Writes(long inserted, long updated, long deleted) {}

  /** The number of rows of all tables. */
  public long rows() {
    return tables.values().stream().mapToLong(Table::rows).sum();
  }

  /** SHA-256 of schema and content, without the time it was taken and the write statistics. */
  public String digest() {
    SortedMap<String, Table> comparable = new TreeMap<>();
    tables.forEach((name, table) -> comparable.put(name, table.comparable()));
    SortedMap<String, String> plainObjects = new TreeMap<>(objects);
    plainObjects.replaceAll((name, definition) -> Definition.canonical(definition));
    byte[] bytes = new Fingerprint("", "", "", comparable, plainObjects).toJson();
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Stable JSON: the same fingerprint gives the same bytes. */
  public byte[] toJson() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a fingerprint could not be written as JSON", e);
    }
  }

  public static Fingerprint fromJson(InputStream json) throws IOException {
    return StrictJson.read(STRICT, json.readAllBytes(), Fingerprint.class);
  }
}
