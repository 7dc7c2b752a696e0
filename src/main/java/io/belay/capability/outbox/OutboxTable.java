package io.belay.capability.outbox;

import io.belay.step.BusinessStop;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A table of events and the statements on it. Identifiers are checked against the catalog and
 * quoted.
 */
final class OutboxTable {

  /** How the statements call the table. */
  private static final String EVENT = "e.";

  private static final Set<String> NUMBERS = Set.of("int2", "int4", "int8", "numeric");

  private static final Set<String> TIMES = Set.of("timestamp", "timestamptz");

  /** As the catalog has it; the type also with its length. */
  private record Column(String type, String fullType, boolean notNull) {}

  private final Connection connection;
  private final String name;
  private final long oid;
  private final String idType;
  private final boolean json;
  private final boolean tiesPossible;
  private final String unprocessed;
  private final String id;
  private final String aggregate;
  private final String order;
  private final String type;
  private final String payload;
  private final String marks;

  /**
   * @throws BusinessStop naming the input that does not fit the table
   */
  OutboxTable(Connection connection, DrainOutbox.Input input) throws SQLException {
    this.connection = connection;
    name = quotedName(input.table());
    Map<String, Column> columns = new HashMap<>();
    oid = readCatalog(connection, input, columns);
    Column idColumn = column(columns, "id", input.id());
    Column orderColumn = column(columns, "order", input.order());
    if (!NUMBERS.contains(orderColumn.type()) && !TIMES.contains(orderColumn.type())) {
      throw new BusinessStop(
          "'order' names the column %s of type %s, which does not say in which order the events were written; name a number or a time that does"
              .formatted(input.order(), orderColumn.fullType()));
    }
    column(columns, "type", input.type());
    if (!input.aggregate().equals(DrainOutbox.NONE)) {
      column(columns, "aggregate", input.aggregate());
    }
    json = column(columns, "payload", input.payload()).type().matches("jsonb?");
    idType = idColumn.fullType();
    tiesPossible = !input.order().equals(input.id());
    id = EVENT + quoted(input.id());
    order = EVENT + quoted(input.order()); // without it, ORDER BY means the text that is returned
    type = quoted(input.type());
    payload = quoted(input.payload());
    aggregate =
        input.aggregate().equals(DrainOutbox.NONE)
            ? "''"
            : "coalesce(%s::text, '')".formatted(quoted(input.aggregate()));
    List<String> conditions = new ArrayList<>();
    List<String> settings = new ArrayList<>();
    for (String column : input.processed()) {
      boolean time = isTime(column(columns, "processed", column), column);
      boolean notNull = columns.get(column).notNull();
      conditions.add(quoted(column) + (time ? " IS NULL" : notNull ? " = false" : " IS NOT TRUE"));
      settings.add(quoted(column) + (time ? " = now()" : " = true"));
    }
    unprocessed = conditions.get(0);
    marks = String.join(", ", settings);
  }

  private static boolean isTime(Column column, String name) {
    if (!column.type().equals("bool") && !TIMES.contains(column.type())) {
      throw new BusinessStop(
          "'processed' names the column %s of type %s; it must be a boolean or a timestamp"
              .formatted(name, column.fullType()));
    }
    return TIMES.contains(column.type());
  }

  private static Column column(Map<String, Column> columns, String input, String name) {
    return Optional.ofNullable(columns.get(name))
        .orElseThrow(
            () ->
                new BusinessStop(
                    "the table has no column '%s', which '%s' names; it has %s"
                        .formatted(name, input, columns.keySet().stream().sorted().toList())));
  }

  private static long readCatalog(
      Connection connection, DrainOutbox.Input input, Map<String, Column> columns)
      throws SQLException {
    try (PreparedStatement ask =
        connection.prepareStatement(
            """
            SELECT c.oid::bigint, a.attname, t.typname, format_type(a.atttypid, a.atttypmod), a.attnotnull
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            WHERE c.oid = to_regclass(?) AND c.relkind IN ('r', 'p')
            """)) {
      ask.setString(1, quotedName(input.table()));
      long oid = 0;
      try (ResultSet row = ask.executeQuery()) {
        while (row.next()) {
          oid = row.getLong(1);
          columns.put(
              row.getString(2), new Column(row.getString(3), row.getString(4), row.getBoolean(5)));
        }
      }
      if (columns.isEmpty()) {
        throw new BusinessStop(
            "database '%s' has no table %s, which 'table' names"
                .formatted(input.database(), input.table()));
      }
      return oid;
    }
  }

  private static String quotedName(String table) {
    return Stream.of(table.split("\\.")).map(OutboxTable::quoted).collect(Collectors.joining("."));
  }

  private static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  long oid() {
    return oid;
  }

  /** How many events are not processed now. */
  long backlog() throws SQLException {
    return number("SELECT count(*) FROM %s e WHERE %s".formatted(name, unprocessed));
  }

  /**
   * The order value of the last unprocessed event; empty when there is none.
   *
   * @throws BusinessStop when an event has no order value
   */
  Optional<String> last() throws SQLException {
    if (number(
            "SELECT count(*) FROM %s e WHERE %s AND %s IS NULL".formatted(name, unprocessed, order))
        > 0) {
      throw new BusinessStop(
          "there are unprocessed events whose %s is null, so their order is not known"
              .formatted(order.substring(EVENT.length())));
    }
    try (PreparedStatement ask =
            connection.prepareStatement(
                "SELECT %2$s::text FROM %1$s e WHERE %3$s ORDER BY %2$s DESC LIMIT 1"
                    .formatted(name, order, unprocessed));
        ResultSet row = ask.executeQuery()) {
      return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
    }
  }

  private long number(String query) throws SQLException {
    try (PreparedStatement ask = connection.prepareStatement(query);
        ResultSet row = ask.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * Reads the first unprocessed events in order, with those of the same order value as the last.
   *
   * @param last order value up to which to read
   * @param aside aggregates to leave out
   */
  List<Event> first(int events, String last, Collection<String> aside) throws SQLException {
    String query =
        """
        SELECT %2$s::text, %3$s, %4$s::text, coalesce(%5$s::text, ''), %6$s::text FROM %1$s e
        WHERE %7$s AND %4$s <= ? AND %3$s <> ALL (?) ORDER BY %4$s FETCH FIRST %8$d ROWS %9$s
        """
            .formatted(
                name,
                id,
                aggregate,
                order,
                type,
                payload,
                unprocessed,
                events,
                tiesPossible ? "WITH TIES" : "ONLY");
    try (PreparedStatement ask = connection.prepareStatement(query)) {
      ask.setObject(1, last, Types.OTHER); // the server knows the type
      ask.setArray(2, connection.createArrayOf("text", aside.toArray()));
      List<Event> found = new ArrayList<>();
      try (ResultSet row = ask.executeQuery()) {
        while (row.next()) {
          found.add(
              new Event(
                  row.getString(1),
                  row.getString(2),
                  row.getString(3),
                  row.getString(4),
                  row.getString(5),
                  json));
        }
      }
      return found;
    }
  }

  /**
   * Marks events as processed.
   *
   * @return how many were not marked yet
   */
  int mark(List<String> ids) throws SQLException {
    String update =
        "UPDATE %s e SET %s WHERE %s = ANY (CAST(CAST(? AS text[]) AS %s[])) AND %s"
            .formatted(name, marks, id, idType, unprocessed);
    try (PreparedStatement statement = connection.prepareStatement(update)) {
      statement.setArray(1, connection.createArrayOf("text", ids.toArray()));
      return statement.executeUpdate();
    }
  }
}
