package io.belay.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactStoreIdentityTest {

  @TempDir Path directory;

  @Test
  void whoeverSeesTheDirectory_readsTheSameIdentity() {
    List<String> read =
        IntStream.range(0, 16)
            .parallel()
            .mapToObj(node -> new ArtifactStoreIdentity(directory).value())
            .distinct()
            .toList();

    assertThat(read).hasSize(1);
  }

  @Test
  void anotherDirectory_hasAnotherIdentity() throws Exception {
    Path other = Files.createDirectory(directory.resolve("other"));

    assertThat(new ArtifactStoreIdentity(other).value())
        .isNotEqualTo(new ArtifactStoreIdentity(directory).value());
  }

  @Test
  void missingDirectory_isNamed() {
    assertThatThrownBy(() -> new ArtifactStoreIdentity(directory.resolve("gone")))
        .hasMessageContaining("belay.artifacts.directory")
        .hasMessageContaining("gone");
  }
}
