package io.belay.face.web;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertySource;

/** A test that changes the Belay of its {@link WebTest} says so, and ends it. */
class OneBelayAtATimeTest {

  @Test
  void webTests_thatDiffer_sayThatTheyHaveTheirOwn() {
    classes()
        .that(differ())
        .should()
        .beAnnotatedWith(OwnBelay.class)
        .check(new ClassFileImporter().importPackages("io.belay.face.web"));
  }

  private static DescribedPredicate<JavaClass> differ() {
    return DescribedPredicate.describe(
        "are web tests with properties or beans of their own",
        type ->
            type.isAnnotatedWith(WebTest.class)
                && !type.isAnnotatedWith(DirtiesContext.class)
                && (type.isAnnotatedWith(Import.class)
                    || type.getMethods().stream()
                        .anyMatch(method -> method.isAnnotatedWith(DynamicPropertySource.class))
                    || hasOwnBeans(type)));
  }

  private static boolean hasOwnBeans(JavaClass type) {
    for (Class<?> inner : type.reflect().getDeclaredClasses()) {
      if (inner.isAnnotationPresent(TestConfiguration.class)) {
        return true;
      }
    }
    return false;
  }
}
