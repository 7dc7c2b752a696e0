package io.belay.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class NeedsTest {

  @Test
  void whatIsMissingInContinuousIntegration_fails() {
    assertThatThrownBy(() -> Needs.isMet(false, "npm", "true"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("npm");
    assertThat(Needs.isMet(true, "npm", "true")).isTrue();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "false"})
  void whatIsMissingElsewhere_isSkipped(String ci) {
    assertThat(Needs.isMet(false, "npm", ci)).isFalse();
  }

  @Test
  void noTestSkipsItselfInAnotherWay() {
    JavaClasses tests = new ClassFileImporter().importPath("target/test-classes");
    ArchRuleDefinition.noClasses()
        .that()
        .doNotBelongToAnyOf(Needs.class, NeedsTest.class)
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Assumptions.class, org.assertj.core.api.Assumptions.class)
        .check(tests);
  }
}
