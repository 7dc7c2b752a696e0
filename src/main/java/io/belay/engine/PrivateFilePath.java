package io.belay.engine;

import io.belay.file.PrivateFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * H2's file system for an address like {@code jdbc:h2:private:/srv/belay/engine}: the database, its
 * trace file and all else that H2 writes are {@linkplain PrivateFiles private} from the moment they
 * exist. H2 creates the instances.
 */
public final class PrivateFilePath extends FilePathWrapper {

  static final String SCHEME = "private";

  static void register() {
    FilePath.register(new PrivateFilePath());
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  private Path path() {
    return Path.of(getBase().toString());
  }

  @Override
  public boolean createFile() {
    try {
      PrivateFiles.create(path());
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException("H2 cannot make the file " + path(), e);
    }
  }

  @Override
  public void createDirectory() {
    try {
      PrivateFiles.directories(path());
    } catch (IOException e) {
      throw new UncheckedIOException("H2 cannot make the directory " + path(), e);
    }
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    if (!mode.equals("r")) {
      PrivateFiles.open(path()).close();
    }
    return super.open(mode);
  }

  @Override
  public OutputStream newOutputStream(boolean append) throws IOException {
    PrivateFiles.directories(path().getParent());
    PrivateFiles.open(path()).close();
    return super.newOutputStream(append);
  }
}
