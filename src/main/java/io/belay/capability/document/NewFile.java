package io.belay.capability.document;

import java.nio.file.Path;
import java.util.List;

/**
 * One of the two new files, and the collections that it gets.
 *
 * @param collections in the order in which they are written
 */
record NewFile(DocumentStoreTarget target, Path path, List<String> collections) {

  /** Both files, admin.db first. */
  static List<NewFile> of(DocumentStoreTarget target) {
    return List.of(
        new NewFile(target, target.adminFile(), target.admin()),
        new NewFile(target, target.applicationFile(), target.application()));
  }

  String name() {
    return path.getFileName().toString();
  }
}
