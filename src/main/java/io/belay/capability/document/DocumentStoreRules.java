package io.belay.capability.document;

import io.belay.target.SettingRules;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules on how the settings of a document store go together. */
final class DocumentStoreRules {

  /** Also keeps a collection's file inside its directory. */
  private static final String NAME = "[A-Za-z0-9_][A-Za-z0-9._-]{0,99}";

  private final DocumentStoreTarget target;
  private final SettingRules rules;

  DocumentStoreRules(DocumentStoreTarget target, SettingRules rules) {
    this.target = target;
    this.rules = rules;
  }

  void check() {
    Set<String> seen = new HashSet<>();
    collections(target.admin(), "admin", seen);
    collections(target.application(), "application", seen);
    for (int i = 0; i < target.optional().size(); i++) {
      known(target.optional().get(i), "optional[" + i + "]", seen);
    }
    for (int i = 0; i < target.references().size(); i++) {
      DocumentStoreTarget.Reference reference = target.references().get(i);
      String at = "references[" + i + "]";
      field(reference.from(), at + ".from", seen);
      known(reference.to(), at + ".to", seen);
    }
    for (int i = 0; i < target.passwords().size(); i++) {
      field(target.passwords().get(i), "passwords[" + i + "]", seen);
    }
    known(target.administrators().collection(), "administrators.collection", seen);
    Path state = target.state().toAbsolutePath().normalize();
    rules.require(
        !state.equals(target.legacy().toAbsolutePath().normalize())
            && !state.equals(target.store().toAbsolutePath().normalize()),
        "state",
        "must be a directory of its own");
  }

  private void collections(List<String> names, String at, Set<String> seen) {
    boolean shared =
        target
            .legacy()
            .toAbsolutePath()
            .normalize()
            .equals(target.store().toAbsolutePath().normalize());
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      String item = at + "[" + i + "]";
      rules.require(name.matches(NAME), item, "must be a file name of letters, digits, . _ and -");
      rules.require(
          seen.add(name), item, "must be named once in 'admin' and 'application' together");
      rules.require(
          !shared || !Set.of("admin", "application").contains(name),
          item,
          "is the name of a new file; 'store' must be another directory than 'legacy' then");
    }
  }

  private void field(String path, String at, Set<String> collections) {
    int dot = path.indexOf('.');
    if (dot < 1 || dot == path.length() - 1) {
      rules.require(false, at, "must be collection.field");
    } else {
      known(path.substring(0, dot), at, collections);
    }
  }

  private void known(String collection, String at, Set<String> collections) {
    rules.require(
        collections.contains(collection), at, "must be a collection of 'admin' or 'application'");
  }
}
