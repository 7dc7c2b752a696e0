package io.belay.face.web;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertySource;

/** A test that changes the Belay of its {@link WebTest} says so, and gets a JVM of its own. */
class OneBelayPerJvmTest {

  @Test
  void webTests_thatDiffer_areTagged() {
    classes()
        .that(differ())
        .should(beTagged())
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

  private static ArchCondition<JavaClass> beTagged() {
    return new ArchCondition<>("be tagged " + OwnJvm.TAG) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        Tag tag = type.reflect().getAnnotation(Tag.class);
        boolean tagged = tag != null && tag.value().equals(OwnJvm.TAG);
        events.add(
            new SimpleConditionEvent(
                type,
                tagged,
                "%s must be @Tag(OwnJvm.TAG): its Belay is not the shared one"
                    .formatted(type.getSimpleName())));
      }
    };
  }
}
