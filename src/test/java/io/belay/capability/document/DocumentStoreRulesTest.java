package io.belay.capability.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.capability.document.DocumentStoreTarget.Administrators;
import io.belay.capability.document.DocumentStoreTarget.Reference;
import io.belay.target.DocumentStores;
import io.belay.target.TestTypes;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a single setting of a document store cannot tell. */
class DocumentStoreRulesTest {

  private static final Path DATA = Path.of("data");

  private static List<String> problems(DocumentStoreTarget target) {
    return TestTypes.problems(new DocumentStoreTargetType(), target);
  }

  private static DocumentStoreTarget target(
      Path state,
      List<String> admin,
      List<String> application,
      List<Reference> references,
      List<String> passwords) {
    return new DocumentStoreTarget(
        DATA,
        null,
        state,
        admin,
        application,
        List.of("nobody"),
        references,
        new Administrators("admins", "level", "1"),
        passwords);
  }

  @Test
  void defaults_areTheGuides() {
    DocumentStoreTarget guide = DocumentStores.ofTheGuide(DATA, DATA, DATA.resolve(".belay"));

    assertThat(guide.collections()).hasSize(21);
    assertThat(guide.references()).hasSizeGreaterThan(10);
    assertThat(problems(guide)).isEmpty();
    assertThat(guide.identity()).isPresent();
    assertThat(guide.newFile("users")).isEqualTo(DATA.resolve("application.db"));
    assertThat(guide.newFile("admin-users")).isEqualTo(DATA.resolve("admin.db"));
  }

  @Test
  void referencesOfTheGuide_areLeftOut_whereTheirCollectionsAre() {
    DocumentStoreTarget few =
        target(null, List.of("admins"), List.of("users", "events", "bookings"), null, List.of());

    assertThat(few.references())
        .extracting(Reference::from)
        .containsExactly("bookings.userId", "bookings.eventId");
    assertThat(few.state()).isEqualTo(DATA.resolve(".belay"));
  }

  @Test
  void everyMistake_isNamedByItsKey() {
    assertThat(
            problems(
                target(
                    DATA,
                    List.of("admins", "../x"),
                    List.of("admins", "admin"),
                    List.of(new Reference("admins", "elsewhere", false)),
                    List.of("nowhere.password"))))
        .containsExactly(
            "targets.d.admin[1]: must be a file name of letters, digits, . _ and -",
            "targets.d.application[0]: must be named once in 'admin' and 'application' together",
            "targets.d.application[1]: is the name of a new file; 'store' must be another directory than 'legacy' then",
            "targets.d.optional[0]: must be a collection of 'admin' or 'application'",
            "targets.d.references[0].from: must be collection.field",
            "targets.d.references[0].to: must be a collection of 'admin' or 'application'",
            "targets.d.passwords[0]: must be a collection of 'admin' or 'application'",
            "targets.d.state: must be a directory of its own");
  }
}
