package io.belay.capability.backfill;

import java.util.List;

/** A statement and the values of its question marks. */
record Query(String sql, List<String> arguments) {}
