package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.model.lint.ModelRefused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.camunda.bpm.engine.RepositoryService;
import org.camunda.bpm.engine.repository.DeploymentBuilder;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** One flow of a runbook leads past its approval: no run of it begins on protected targets. */
@WebTest
@OwnBelay
@Import(WithoutLint.class)
class SkippedApprovalTest {

  private static final LawWorld WORLD = new LawWorld("skipped-approval");

  @Autowired Caller caller;
  @Autowired RepositoryService repository;

  @DynamicPropertySource
  static void models(DynamicPropertyRegistry properties) throws IOException {
    WORLD.copyAll(LawWorld.WEB, ".");
    WORLD.use(properties);
    Files.writeString(
        WORLD.directory().resolve("environments/test.yml"),
        """
        targets:
          database: {type: postgres, protected: true, host: 127.0.0.1, port: 9, database: a, username: a}
          cache: {type: redis, protected: true, host: 127.0.0.1, port: 9}
          migration: {type: migration, tool: command, apply: {arguments: ['true']}, revert: {arguments: ['true']}}
        """);
    for (String kind : new String[] {"phases", "decisions", "forms"}) {
      WORLD.copyAll(LawWorld.DELIVERED.resolve(kind), "shop/" + kind);
    }
    WORLD.copy(
        LawWorld.CASES.resolve("approval-skipped.bpmn"),
        "shop/runbooks/shop-v1-to-v2.bpmn",
        "\"shop-backup\"",
        "\"backup\"",
        "\"shop-rollout\"",
        "\"progressive-rollout\"",
        "\"shop-soak\"",
        "\"soak\"");
    WORLD.copy(
        LawWorld.DELIVERED.resolve("forms/start-main-server-v1-to-v2.form"),
        "shop/forms/start-shop-v1-to-v2.form",
        "\"start-main-server-v1-to-v2\"",
        "\"start-shop-v1-to-v2\"",
        "databaseMigrationDeadline",
        "migrationDeadline",
        "progressiveRolloutDeadline",
        "rolloutDeadline");
  }

  @Test
  void runbookThatLeadsPastItsApproval_isRefused_byTheLintOrBeforeItStarts() throws IOException {
    try {
      deployShop();
    } catch (ModelRefused refused) {
      assertThat(refused.getMessage()).contains("Approval");
      return;
    }
    assertThat(
            caller
                .post(
                    "olga",
                    "/api/runs",
                    "{\"runbook\":\"shop-v1-to-v2\",\"parameters\":{\"environment\":\"test\"}}")
                .is(422)
                .text())
        .contains("changes the protected target 'database' before an approval");
  }

  @Test
  void changeBeforeApprovalAndBackup_isRefusedBeforeTheRunStarts() {
    String refusal =
        caller
            .post(
                "olga",
                "/api/runs",
                "{\"runbook\":\"web-test\",\"parameters\":{\"environment\":\"test\"}}")
            .is(422)
            .text();
    assertThat(refusal)
        .contains(
            "'Count slowly' changes the protected target 'cache' before an approval",
            "'Count slowly' changes the protected target 'cache' before a backup of it is verified");
    assertThat(
            caller
                .get("vera", "/api/runbooks/web-test/plan?environment=test")
                .is(200)
                .body()
                .path("problems")
                .toString())
        .contains("before an approval");
  }

  private void deployShop() throws IOException {
    DeploymentBuilder deployment = repository.createDeployment().name("shop");
    Path shop = WORLD.directory().resolve("shop");
    try (Stream<Path> files = Files.walk(shop)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        deployment.addString(shop.relativize(file).toString(), Files.readString(file));
      }
    }
    deployment.deploy();
  }
}
