package io.belay.capability.schema;

import io.belay.target.TargetException;
import java.io.FileNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.ResourceAccessor;

/**
 * A Liquibase changelog: a file, with its includes beside it, or {@code classpath:...}.
 *
 * <p>Liquibase identifies a changeset by its file's path, too; here that is the bare file name, so
 * that a deployment in another directory does not make every changeset new.
 */
record ChangeLogFile(String location) {

  private static final String CLASSPATH = "classpath:";

  String name() {
    return location.startsWith(CLASSPATH)
        ? location.substring(CLASSPATH.length())
        : Path.of(location).getFileName().toString();
  }

  /**
   * @throws TargetException when the file cannot be read
   */
  ResourceAccessor resources() throws FileNotFoundException {
    if (location.startsWith(CLASSPATH)) {
      return new ClassLoaderResourceAccessor(getClass().getClassLoader());
    }
    Path file = Path.of(location).toAbsolutePath();
    if (!Files.isReadable(file)) {
      throw new TargetException(
          "the changelog %s cannot be read; nothing was changed".formatted(file));
    }
    return new DirectoryResourceAccessor(file.getParent());
  }
}
