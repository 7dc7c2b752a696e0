package io.belay.capability.document;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The indexes of a new file, derived from those of its collections. All are sparse: documents of
 * other collections lack the field, and would all share one key. A unique index stays unique only
 * if no other collection can have the field, since the rule would apply to them too.
 *
 * @param notes what changes, for people
 */
record StoreIndexes(List<NedbIndex> indexes, List<String> notes) {

  static StoreIndexes of(StoreScan scan) {
    Map<String, NedbIndex> merged = new LinkedHashMap<>();
    List<String> notes = new ArrayList<>();
    for (CollectionScan collection : scan.collections()) {
      for (NedbIndex index : collection.indexes().values()) {
        String field = index.fieldName();
        if (field.equals(MigratedDocument.ID)) {
          continue; // the library always has this one
        }
        boolean unique = index.unique() && isAlone(field, collection, scan);
        if (index.unique() && !unique) {
          notes.add(
              "%s.%s is not unique in %s any more: %s"
                  .formatted(
                      collection.collection(),
                      field,
                      scan.store().name(),
                      isPlain(field)
                          ? "other collections have that field, too"
                          : "that cannot be said of several or nested fields of one collection"));
        }
        merged.merge(
            field,
            new NedbIndex(field, unique, true),
            (one, other) -> new NedbIndex(field, one.unique() && other.unique(), true));
      }
    }
    return new StoreIndexes(List.copyOf(merged.values()), notes);
  }

  private static boolean isAlone(String field, CollectionScan owner, StoreScan scan) {
    return isPlain(field)
        && scan.collections().stream()
            .filter(other -> other != owner)
            .noneMatch(other -> other.mayHave(field));
  }

  private static boolean isPlain(String field) {
    return !field.contains(",")
        && !field.contains(".")
        && !field.equals(MigratedDocument.COLLECTION)
        && !field.equals(MigratedDocument.DISPLACED);
  }
}
