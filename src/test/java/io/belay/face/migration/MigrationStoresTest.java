package io.belay.face.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.target.AllTargetTypes;
import io.belay.target.Environments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.http.HttpStatus;

/** Which store a call speaks of. */
class MigrationStoresTest {

  @TempDir Path directory;

  private MigrationStores stores(String environment) {
    return new MigrationStores(
        new Environments(directory, new StandardEnvironment(), AllTargetTypes.types()),
        new MigrationSettings(environment, "document-store"));
  }

  private void store(String name) throws IOException {
    Files.writeString(
        directory.resolve(name + ".yml"),
        "targets:\n  document-store:\n    type: document-store\n    legacy: %s\n"
            .formatted(Files.createDirectories(directory.resolve(name))));
  }

  private void refused(MigrationStores stores, String named, HttpStatus status, String... texts) {
    assertThatThrownBy(() -> stores.store(named))
        .isInstanceOfSatisfying(
            MigrationRefused.class,
            refusal -> {
              assertThat(refusal.status()).isEqualTo(status);
              assertThat(refusal.getMessage()).contains(texts);
            });
  }

  @Test
  void onlyOne_isMeant_whateverElseThereIs() throws IOException {
    store("production");
    Files.writeString(directory.resolve("broken.yml"), "targets: [1]\n");
    Files.writeString(
        directory.resolve("other.yml"),
        "targets:\n  cache:\n    type: redis\n    host: localhost\n    port: 1\n");
    assertThat(stores("").store(null).environment().name()).isEqualTo("production");
    assertThat(stores("").store("production").target().legacy())
        .isEqualTo(directory.resolve("production"));
    refused(stores(""), "other", HttpStatus.NOT_FOUND, "other", "document-store");
    refused(stores(""), "nowhere", HttpStatus.NOT_FOUND, "nowhere", "production");
  }

  @Test
  void several_mustBeTold_byTheCallOrTheConfiguration() throws IOException {
    store("staging");
    store("production");
    refused(stores(""), null, HttpStatus.CONFLICT, "production", "staging", "?environment=");
    assertThat(stores("").store("staging").environment().name()).isEqualTo("staging");
    assertThat(stores("production").store(null).environment().name()).isEqualTo("production");
    assertThat(stores("production").store("staging").environment().name()).isEqualTo("staging");
  }

  @Test
  void none_isNotFound() {
    refused(stores(""), null, HttpStatus.NOT_FOUND, "No environment");
  }
}
