package io.belay.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFilesTest {

  private static final byte[] CONTENT = "secret".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static Path open(Path path) throws IOException {
    String all = Files.isDirectory(path) ? "rwxrwxrwx" : "rwxrw-rw-";
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(all));
  }

  @Test
  void eachWay_makesFilesForTheirOwnerOnly() throws Exception {
    PrivateFiles.create(directory.resolve("created"));
    PrivateFiles.create(directory.resolve("content"), CONTENT);
    PrivateFiles.write(directory.resolve("written"), CONTENT);
    try (OutputStream out = PrivateFiles.output(directory.resolve("output"));
        FileChannel channel = PrivateFiles.open(directory.resolve("opened"))) {
      out.write(CONTENT);
      assertThat(channel.size()).isZero();
    }
    try (var files = Files.list(directory)) {
      assertThat(files.toList())
          .hasSize(5)
          .allSatisfy(file -> assertThat(mode(file)).isEqualTo("rw-------"));
    }
    assertThat(directory.resolve("output")).hasBinaryContent(CONTENT);
    assertThat(directory.resolve("content")).hasBinaryContent(CONTENT);
    assertThatThrownBy(() -> PrivateFiles.create(directory.resolve("content"), CONTENT))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void directories_arePrivateWithTheirParents_andThoseThatAreThereStay() throws Exception {
    Path there = open(Files.createDirectory(directory.resolve("there")));
    PrivateFiles.directories(there.resolve("a/b"));
    PrivateFiles.createDirectory(there.resolve("c"));
    assertThat(mode(there)).isEqualTo("rwxrwxrwx");
    for (String made : new String[] {"a", "a/b", "c"}) {
      assertThat(mode(there.resolve(made))).isEqualTo("rwx------");
    }
  }

  @Test
  void fileThatOthersCouldRead_isReplacedByAnother_orLosesTheirRights() throws Exception {
    Path file = open(Files.writeString(directory.resolve("file"), "old"));
    try (FileChannel reader = FileChannel.open(file)) {
      PrivateFiles.write(file, CONTENT);
      assertThat(reader.size()).as("what somebody has open").isEqualTo(3);
    }
    assertThat(mode(file)).isEqualTo("rw-------");

    open(file);
    PrivateFiles.open(file).close();
    assertThat(mode(file)).isEqualTo("rwx------");
    assertThat(file).hasBinaryContent(CONTENT);
  }

  @Test
  void claim_takesOthersRights_fromAllInADirectory_butFollowsNoLink() throws Exception {
    Path own = open(Files.createDirectory(directory.resolve("own")));
    Path inner = open(Files.createDirectory(own.resolve("inner")));
    Path file = open(Files.writeString(inner.resolve("file"), ""));
    Path elsewhere = open(Files.writeString(directory.resolve("elsewhere"), ""));
    Files.createSymbolicLink(inner.resolve("link"), elsewhere);

    PrivateFiles.claim(own);

    assertThat(mode(own)).isEqualTo("rwx------");
    assertThat(mode(inner)).isEqualTo("rwx------");
    assertThat(mode(file)).isEqualTo("rwx------");
    assertThat(mode(elsewhere)).isEqualTo("rwxrw-rw-");
  }

  /** A zip file that is opened without permissions stands for a disk that keeps none. */
  @Test
  void fileSystemWithoutPermissions_isRefused_andNothingIsLeft() throws Exception {
    Path zip = directory.resolve("disk.zip");
    try (FileSystem disk = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      Path file = disk.getPath("/file");
      Path root = disk.getPath("/");
      assertThatThrownBy(() -> PrivateFiles.create(file, CONTENT)).hasMessage(refusal(file));
      assertThatThrownBy(() -> PrivateFiles.write(file, CONTENT)).hasMessage(refusal(file));
      assertThatThrownBy(() -> PrivateFiles.open(file)).hasMessage(refusal(file));
      assertThatThrownBy(() -> PrivateFiles.createDirectory(file)).hasMessage(refusal(file));
      assertThatThrownBy(() -> PrivateFiles.directories(file)).hasMessage(refusal(file));
      assertThatThrownBy(() -> PrivateFiles.claim(root)).hasMessage(refusal(root));
      assertThat(file).doesNotExist();
    }
  }

  private static String refusal(Path path) {
    return path
        + " would be open to other accounts: its file system keeps no permissions. Use another one, or mount it with umask=077";
  }
}
