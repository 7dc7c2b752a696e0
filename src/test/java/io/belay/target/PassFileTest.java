package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PassFileTest {

  private static PostgresTarget target(String password) {
    return new PostgresTarget(
        "db.example",
        5433,
        "shop",
        "us:er",
        Secret.of(password),
        12,
        null,
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        RestoreWay.AUTO);
  }

  @Test
  @SuppressWarnings("try") // closes twice on purpose
  void passFile_isReadableByItsOwnerOnly_andGoneWhenClosed() throws Exception {
    Path path;
    try (PassFile pass = PassFile.of(target("p:a\\ss"))) {
      path = pass.path();
      assertThat(path).hasContent("db.example:5433:*:us\\:er:p\\:a\\\\ss\n");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw-------");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
          .isEqualTo("rwx------");
      pass.close(); // twice does no harm
    }
    assertThat(path.getParent()).doesNotExist();
  }

  @Test
  void lineBreakInPassword_isRefusedWithoutShowingIt() {
    assertThatThrownBy(() -> PassFile.of(target("top\nsecret")))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("PostgreSQL shop at db.example:5433")
        .hasMessageNotContaining("secret");
  }
}
