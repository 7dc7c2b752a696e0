package io.belay.engine;

import com.zaxxer.hikari.HikariDataSource;
import io.belay.file.PrivateFiles;
import io.belay.target.InvalidSetting;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.h2.store.fs.disk.FilePathDisk;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Keeps other accounts of the machine out of the engine's database when it is an H2 file: it holds
 * password hashes and keys. {@link PrivateFilePath} creates new files; existing ones lose the
 * rights of group and others before H2 opens them, and so does their directory when it holds
 * nothing but Belay's files.
 */
@Component
class EngineFiles implements BeanPostProcessor {

  private static final Logger LOG = LoggerFactory.getLogger(EngineFiles.class);

  /** The path of a file, not the name of a server or of a database in memory. */
  private static final Pattern ON_DISK =
      Pattern.compile("jdbc:h2:(?:file:|nio:)?(?!\\w{2,}:)([^;]+)(.*)");

  /** Settings with other paths of Belay's that may lie beside the database. */
  private static final List<String> PATHS =
      List.of(
          "belay.artifacts.directory",
          "belay.journal.anchor",
          "server.tomcat.basedir",
          "logging.file.name",
          "logging.file.path");

  private final Environment settings;

  EngineFiles(Environment settings) {
    this.settings = settings;
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    if (bean instanceof HikariDataSource pool && pool.getJdbcUrl() != null) {
      Matcher address = ON_DISK.matcher(pool.getJdbcUrl());
      if (address.matches()) {
        Path database =
            Path.of(FilePathDisk.expandUserHomeDirectory(address.group(1)))
                .toAbsolutePath()
                .normalize();
        prepare(database);
        PrivateFilePath.register();
        pool.setJdbcUrl(
            "jdbc:h2:%s:%s%s".formatted(PrivateFilePath.SCHEME, database, address.group(2)));
      }
    }
    return bean;
  }

  private void prepare(Path database) {
    Path directory = database.getParent();
    String prefix = database.getFileName() + ".";
    try {
      PrivateFiles.directories(directory);
      boolean alone = true;
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        for (Path entry : entries) {
          if (entry.getFileName().toString().startsWith(prefix)) {
            PrivateFiles.tighten(entry);
          } else if (isForeign(entry)) {
            alone = false;
          }
        }
      }
      if (alone) {
        PrivateFiles.claim(directory);
      } else if (PrivateFiles.isOpen(directory)) {
        LOG.warn(
            "Other accounts may enter {}, where the engine's database is beside files that are not Belay's. They cannot read the database; give it a directory of its own, or: chmod go= {}",
            directory,
            directory);
      }
    } catch (IOException e) {
      throw new InvalidSetting(
          "The engine's database %s cannot be kept from other accounts of this machine: %s. Give its directory and files to the account that Belay runs as"
              .formatted(database, e.getMessage()),
          e);
    }
  }

  private boolean isForeign(Path entry) {
    Stream<Path> ours =
        PATHS.stream()
            .map(settings::getProperty)
            .flatMap(value -> Optional.ofNullable(value).stream())
            .map(value -> Path.of(value).toAbsolutePath().normalize());
    return ours.noneMatch(path -> path.startsWith(entry));
  }
}
