package io.belay.playground;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.Test;

class EmbeddedServersTest {

  @Test
  void everyServer_hasItsOwnPortAndTimeToStart() {
    noClasses()
        .that()
        .doNotBelongToAnyOf(EmbeddedServers.class)
        .should()
        .callMethod(EmbeddedPostgres.class, "builder")
        .orShould()
        .callMethod(EmbeddedPostgres.class, "start")
        .check(new ClassFileImporter().importPackages("io.belay"));
  }
}
