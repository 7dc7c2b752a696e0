package io.belay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.target.InvalidSetting;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.h2.api.ErrorCode;
import org.h2.message.DbException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What a person reads when Belay does not start. */
@ExtendWith(OutputCaptureExtension.class)
class RefusedStartTest {

  @TempDir Path directory;

  private static FailureAnalysis analyze(Throwable cause) {
    return new RefusedStart().analyze(new BeanCreationException("engine", "failed", cause));
  }

  @Test
  void startWithoutAnAdministrator_isRefusedInSentences_notWithAStackTrace(CapturedOutput output) {
    assertThatThrownBy(
            () ->
                SpringApplication.run(
                    Belay.class,
                    "--server.port=0",
                    "--spring.datasource.url=jdbc:h2:mem:refused-start",
                    "--camunda.bpm.process-engine-name=refused", // not the one of other tests
                    "--belay.artifacts.directory=" + directory))
        .hasRootCauseInstanceOf(InvalidSetting.class);

    assertThat(output)
        .contains("APPLICATION FAILED TO START", "There is no administrator", "Action:")
        .doesNotContain("\tat io.belay");
  }

  @Test
  void wrongSetting_isSaidAsItIs() {
    assertThat(analyze(new InvalidSetting("belay.artifacts.key holds 6 bytes")).getDescription())
        .isEqualTo("belay.artifacts.key holds 6 bytes");
  }

  @Test
  void lockedFile_pointsToTheOtherProcess() {
    SQLException locked =
        DbException.get(ErrorCode.DATABASE_ALREADY_OPEN_1, "data/engine.mv.db").getSQLException();

    assertThat(analyze(locked).getDescription()).contains("in use", "data/engine.mv.db");
    assertThat(analyze(locked).getAction()).contains("BELAY_DATABASE_URL");
  }

  @Test
  void unreachableServer_andWrongPassword_nameTheVariables() {
    assertThatThrownBy(
            () ->
                DriverManager.getConnection("jdbc:postgresql://127.0.0.1:1/belay", "belay", "pw-7"))
        .isInstanceOfSatisfying(
            SQLException.class,
            unreachable -> {
              assertThat(analyze(unreachable).getDescription()).contains("cannot be reached");
              assertThat(analyze(unreachable).getDescription()).doesNotContain("pw-7");
            });
    FailureAnalysis refused = analyze(new SQLException("password authentication failed", "28P01"));
    assertThat(refused.getDescription()).contains("does not let Belay in");
    assertThat(refused.getAction()).contains("BELAY_DATABASE_PASSWORD");
  }

  @Test
  void anythingElse_isLeftToOthers() {
    assertThat(analyze(new IllegalStateException("?"))).isNull();
  }
}
