package io.belay.capability.schema;

/**
 * The condition that a row was written after a snapshot was taken: inserted or updated by a
 * transaction that the snapshot did not see. Every row contains its writer in {@code xmin}, 32 of
 * the 64 bits; {@code age()} compares these across a wrap-around. A statement that rewrites a whole
 * table (such as a change of a column's type) writes all its rows.
 */
final class WrittenSince {

  private WrittenSince() {}

  /**
   * @param snapshot as {@code pg_current_snapshot()} prints it: {@code xmin:xmax:in progress,...}
   * @return SQL condition on the rows of a table
   */
  static String condition(String snapshot) {
    String[] parts = snapshot.split(":", -1);
    StringBuilder sql =
        new StringBuilder("(age(xmin) <= age('%s'::xid)".formatted(rowBits(parts[1])));
    if (!parts[2].isEmpty()) {
      for (String inProgress : parts[2].split(",")) {
        sql.append(" OR xmin = '").append(rowBits(inProgress)).append("'::xid");
      }
    }
    return sql.append(')').toString();
  }

  private static long rowBits(String transaction) {
    return Long.parseUnsignedLong(transaction) & 0xFFFFFFFFL;
  }
}
