package io.belay.capability.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.playground.LegacyDocuments;
import io.belay.step.BusinessStop;
import io.belay.step.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a validation finds in new files that are not right, and what it does not complain about. */
class ValidationTest {

  private static final String U1 =
      "{\"_id\":\"u1\",\"name\":\"Ada\",\"age\":1.0,\"at\":{\"$$date\":1700000000000},\"tags\":[1,\"a\",null]}";

  @TempDir Path directory;
  private DocumentWorld world;

  @BeforeEach
  void migrated() throws Exception {
    world = new DocumentWorld(directory, "users", "events");
    world.write(
        "users",
        U1,
        "{\"_id\":\"u2\",\"n\":2}",
        "{\"_id\":\"u3\"}",
        "{\"$$deleted\":true,\"_id\":\"u3\"}");
    world.write("events", "{\"_id\":\"u1\",\"_collection\":\"own\"}");
    world.snapshot();
    world.migrate();
  }

  private void rewrite(String... lines) throws IOException {
    Files.writeString(world.target.applicationFile(), String.join("\n", lines) + "\n");
  }

  private void add(String line) throws IOException {
    Files.writeString(world.target.applicationFile(), line + "\n", StandardOpenOption.APPEND);
  }

  private static List<String> messages(List<ValidationResult> results) {
    return results.stream().map(ValidationResult::message).toList();
  }

  private static List<String> examples(List<ValidationResult> results) {
    List<String> all = new ArrayList<>();
    results.forEach(result -> all.addAll(result.examples()));
    return all;
  }

  private ValidateDocuments.Result step() throws Exception {
    return world.context.run(
        new ValidateDocuments(), new ValidateDocuments.Input(DocumentWorld.NAME, 1000));
  }

  @Test
  void migratedStore_passes_alsoWithCollisionsAndOwnNames() throws Exception {
    ValidationReport report = world.validate();

    assertThat(report.criticalIssues()).isEmpty();
    assertThat(report.overall()).isTrue();
    assertThat(report.documents()).isEqualTo(4);
    assertThat(report.slowdown()).isPositive();
    assertThat(messages(report.info())).contains("4 documents");
    ValidateDocuments.Result result = step();
    assertThat(result.verdict()).isEqualTo(Verdict.PASS);
    assertThat(result.reason()).contains("all 4 documents");
    assertThat(world.context.artifacts().find(result.report())).isPresent();
  }

  @Test
  void storeOfTheGuide_passes_withAllItsReferences() throws Exception {
    DocumentWorld guide = DocumentWorld.ofTheGuide(directory.resolve("guide"));
    LegacyDocuments.write(guide.target.legacy(), 3_000, 5);
    guide.snapshot();
    guide.migrate();

    ValidationReport report = guide.validate();

    assertThat(report.criticalIssues()).isEmpty();
    assertThat(report.warnings()).allMatch(result -> result.check().equals("slowdown"));
    assertThat(report.documents()).isGreaterThan(2_500);
  }

  @Test
  void sameContentWrittenOtherwise_isTheSame() throws Exception {
    List<String> lines = world.applicationLines();
    lines.set(
        0,
        "{\"tags\":[1,\"\\u0061\",null],\"_id\":\"u1\",\"age\":1e0,\"_collection\":\"users\",\"at\":{\"$$date\":1700000000000} ,\"name\":\"Ada\"}");
    rewrite(lines.toArray(String[]::new));

    assertThat(world.validate().criticalIssues()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"_collection\":\"users\",\"_id\":\"u1\",\"name\":\"Ada\",\"age\":2.0,\"at\":{\"$$date\":1700000000000},\"tags\":[1,\"a\",null]}",
        "{\"_collection\":\"users\",\"_id\":\"u1\",\"name\":\"Ada\",\"age\":1.0,\"at\":{\"$$date\":1700000000001},\"tags\":[1,\"a\",null]}",
        "{\"_collection\":\"users\",\"_id\":\"u1\",\"name\":\"Ada\",\"age\":1.0,\"at\":{\"$$date\":1700000000000},\"tags\":[\"a\",1,null]}",
        "{\"_collection\":\"users\",\"_id\":\"u1\",\"name\":\"Ada\",\"age\":1.0,\"at\":{\"$$date\":1700000000000},\"tags\":[\"1\",\"a\",null]}",
        "{\"_collection\":\"users\",\"_id\":\"u1\",\"name\":\"Ada\",\"age\":1.0,\"at\":{\"$$date\":1700000000000},\"tags\":[1,\"a\"]}",
        "{\"_collection\":\"users\",\"_id\":\"u1\",\"age\":1.0,\"at\":{\"$$date\":1700000000000},\"tags\":[1,\"a\",null]}",
        "{\"_collection\":\"users\",\"_id\":\"u1\",\"name\":\"Ada\",\"age\":1.0,\"at\":{\"$$date\":1700000000000},\"tags\":[1,\"a\",null],\"x\":1}",
      })
  void documentThatIsNotWhatItWas_isCritical(String line) throws Exception {
    List<String> lines = world.applicationLines();
    lines.set(0, line);
    rewrite(lines.toArray(String[]::new));

    ValidationReport report = world.validate();

    assertThat(report.overall()).isFalse();
    assertThat(messages(report.criticalIssues()))
        .containsExactly("1 documents in application.db are not what they were");
    assertThat(examples(report.criticalIssues())).containsExactly("users/u1");
    assertThat(report.recommendations().get(0)).startsWith("Roll back");
    assertThat(step().verdict()).isEqualTo(Verdict.FAIL);
  }

  @Test
  void missingRevivedAddedAndUntaggedDocuments_areTold() throws Exception {
    rewrite(
        world.applicationLines().get(0),
        "{\"_collection\":\"users\",\"_id\":\"u3\"}",
        "{\"_collection\":\"users\",\"_id\":\"u9\"}",
        "{\"_id\":\"u10\"}");

    ValidationReport report = world.validate();

    assertThat(messages(report.criticalIssues()))
        .containsExactly(
            "2 documents of the legacy files are missing in application.db",
            "1 deleted documents are back in application.db");
    assertThat(examples(report.criticalIssues()))
        .containsExactly("users/u2", "events/u1", "users/u3");
    assertThat(messages(report.warnings()))
        .contains(
            "2 documents in application.db are in no legacy file",
            "1 documents in application.db have no _collection");
  }

  @Test
  void brokenLine_isCritical() throws Exception {
    List<String> lines = world.applicationLines();
    lines.add(1, "{\"_collection\":\"users\",\"_id\":");
    rewrite(lines.toArray(String[]::new));

    assertThat(examples(world.validate().criticalIssues()))
        .containsExactly("application.db line 2 ends in the middle of a document");
  }

  @Test
  void newFilesThatAreNotThere_areCritical() throws Exception {
    world.revert();

    ValidationReport report = world.validate();

    assertThat(messages(report.criticalIssues()))
        .containsExactly("admin.db and application.db is missing");
    assertThat(report.recommendations())
        .contains("Run the migration; there is nothing to validate yet.");
  }

  @Test
  void withoutALevelOneAdministrator_orWithAPlainPassword_itIsCritical() throws Exception {
    DocumentWorld other = new DocumentWorld(directory.resolve("other"), "users");
    other.write(
        "admin-users",
        DocumentWorld.ADMIN,
        "{\"_id\":\"a1\",\"level\":2,\"password\":\"hunter2\"}");
    other.snapshot();
    other.migrate();

    ValidationReport report = other.validate();

    assertThat(messages(report.criticalIssues()))
        .containsExactly(
            "no document of admin-users has level 1, so nobody could administer the application",
            "1 passwords are no hash of bcrypt, argon2, scrypt or PBKDF2");
    assertThat(examples(report.criticalIssues())).containsExactly("admin-users/a1");
    assertThat(report.toString()).doesNotContain("hunter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
        "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b7dWRWJTmaaJObG",
        "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        "scrypt:32768:8:1$abcdefgh$0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk",
        "pbkdf2_sha256$600000$seasalt2$Kz9bSCyhlLLfcFXRhkAo0XU3UwEnZ2bTTeOHzWmVWyQ="
      })
  void passwordHashes_areRecognised(String hash) {
    assertThat(PasswordHashes.recognises(hash)).isTrue();
    assertThat(PasswordHashes.recognises(hash.substring(1))).isFalse();
    assertThat(PasswordHashes.recognises(hash.substring(0, 20))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "secret", "$2b$10$tooshort", "$argon2id$", "5f4dcc3b5aa765d61d8327deb882cf99"})
  void anythingElse_isNoPasswordHash(String text) {
    assertThat(PasswordHashes.recognises(text)).isFalse();
  }

  @Test
  void referencesThatLeadNowhere_areWarnings() throws Exception {
    DocumentWorld guide = DocumentWorld.ofTheGuide(directory.resolve("guide"));
    LegacyDocuments.write(guide.target.legacy(), 500, 5);
    guide.append("bookings", "{\"_id\":\"b1\",\"userId\":\"nobody\",\"eventId\":null}\n");
    guide.append("admin-roles", "{\"_id\":\"r1\",\"permissions\":[\"none\"]}\n");
    guide.snapshot();
    guide.migrate();

    ValidationReport report = guide.validate();

    assertThat(report.overall()).isTrue();
    assertThat(messages(report.warnings()))
        .contains(
            "1 references of bookings.userId lead to no document of users",
            "1 references of bookings.eventId lead to no document of events",
            "1 references of admin-roles.permissions lead to no document of permission-atoms");
    assertThat(examples(report.warnings()))
        .contains("bookings/b1 → users/nobody", "bookings/b1 has no eventId");
  }

  @Test
  void whatApplicationsAppendedSince_isNoDifference() throws Exception {
    add("{\"_collection\":\"users\",\"_id\":\"u1\",\"name\":\"Bob\"}");
    add("{\"_collection\":\"users\",\"_id\":\"u77\"}");
    add("{\"$$deleted\":true,\"_id\":\"u2\"}");

    ValidationReport report = world.validate();

    assertThat(report.criticalIssues()).isEmpty();
    assertThat(messages(report.info()))
        .contains("3 lines were written by applications since the migration");
  }

  @Test
  void fileThatAnApplicationWroteAnew_isHeldToTheLegacyFiles_untilItWasValidatedOnce()
      throws Exception {
    String[] changed = {
      "{\"_collection\":\"users\",\"_id\":\"u1\",\"name\":\"Bob\"}",
      world.applicationLines().get(1),
      world.applicationLines().get(2)
    };
    List<String> before = world.applicationLines();
    rewrite(changed);
    assertThat(world.validate().overall()).isFalse();
    rewrite(before.toArray(String[]::new));
    assertThat(step().verdict()).isEqualTo(Verdict.PASS);

    rewrite(changed);

    ValidationReport report = world.validate();
    assertThat(report.overall()).isTrue();
    assertThat(messages(report.warnings()))
        .contains(
            "1 documents in application.db are not what they were (applications have written the file anew since it was validated)");
  }

  @Test
  void weeksOfAnApplicationsWork_areNeverCritical_appendedOrWrittenAnew() throws Exception {
    world.append("users", "{\"_id\":\"gone\"}\n{\"$$deleted\":true,\"_id\":\"gone\"}\n");
    world.migrateAnew();
    assertThat(step().verdict()).isEqualTo(Verdict.PASS);
    String[] work = {
      "{\"_collection\":\"users\",\"_id\":\"u1\",\"name\":\"changed\"}",
      "{\"$$deleted\":true,\"_id\":\"u2\"}",
      "{\"_collection\":\"users\",\"_id\":\"new\"}",
      "{\"_collection\":\"users\",\"_id\":\"gone\",\"name\":\"made again\"}",
      "{\"$$indexCreated\":{\"fieldName\":\"name\"}}",
    };
    for (String line : work) {
      add(line);
    }
    assertThat(world.validate().criticalIssues()).as("appended").isEmpty();
    assertThat(step().verdict()).isEqualTo(Verdict.PASS);

    List<String> compacted =
        new java.util.ArrayList<>(
            world.applicationLines().stream()
                .filter(line -> !line.contains("\"u1\"") && !line.contains("\"u2\""))
                .toList());
    compacted.add(work[0]);
    rewrite(compacted.toArray(String[]::new));

    ValidationReport report = world.validate();
    assertThat(report.criticalIssues()).as("written anew").isEmpty();
    assertThat(report.warnings())
        .extracting(ValidationResult::check)
        .contains("missing", "different", "revived", "added");
    assertThat(step().verdict()).isEqualTo(Verdict.PASS);
    assertThat(report.recommendations())
        .contains("Make sure that applications changed these documents since the migration.");
  }

  @Test
  void fileThatIsIntact_isHeldToTheLegacyFiles_whateverBecameOfTheOther() throws Exception {
    assertThat(step().verdict()).isEqualTo(Verdict.PASS);
    Files.writeString(world.target.adminFile(), String.join("\n", world.adminLines()) + "\n \n");
    List<String> lines = world.adminLines();
    java.util.Collections.reverse(lines);
    Files.write(world.target.adminFile(), lines.stream().filter(line -> !line.isBlank()).toList());
    assertThat(world.validate().criticalIssues()).isEmpty();

    world.append("users", "{\"_id\":\"u1\",\"name\":\"changed in the legacy file\"}\n");

    assertThat(world.validate().criticalIssues())
        .extracting(ValidationResult::check)
        .containsExactly("late-writes", "different");
  }

  @Test
  void plainPassword_thatAnApplicationHashedSince_isNone() throws Exception {
    String admin =
        "{\"_collection\":\"admin-users\",\"_id\":\"a1\",\"level\":1,\"password\":\"%s\"}\n";
    Files.writeString(
        world.target.adminFile(),
        admin.formatted("plain"),
        java.nio.file.StandardOpenOption.APPEND);
    assertThat(world.validate().criticalIssues())
        .extracting(ValidationResult::check)
        .containsExactly("passwords");

    Files.writeString(
        world.target.adminFile(),
        admin.formatted(DocumentWorld.HASH),
        java.nio.file.StandardOpenOption.APPEND);

    assertThat(world.validate().criticalIssues()).isEmpty();
  }

  @Test
  void legacyFiles_areRemovedOnlyBehindAValidationAndASnapshot() throws Exception {
    RemoveLegacyDocuments.Input input = new RemoveLegacyDocuments.Input(DocumentWorld.NAME, "");
    assertThatThrownBy(() -> world.context.run(new RemoveLegacyDocuments(), input))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("this run has not validated the new files with success")
        .hasMessageContaining("No legacy file was removed");
    step();
    world.append("users", "{\"_id\":\"late\"}\n");
    assertThatThrownBy(() -> world.context.run(new RemoveLegacyDocuments(), input))
        .isInstanceOf(BusinessStop.class)
        .hasMessageContaining("users.db was changed since the snapshot");
    world.write(
        "users",
        U1,
        "{\"_id\":\"u2\",\"n\":2}",
        "{\"_id\":\"u3\"}",
        "{\"$$deleted\":true,\"_id\":\"u3\"}");
    Files.delete(world.target.legacyFile("events")); // an attempt that was killed had begun

    assertThat(world.context.run(new RemoveLegacyDocuments(), input).files()).isEqualTo(4);

    assertThat(world.target.legacy()).isEmptyDirectory();
    assertThat(world.target.applicationFile()).exists();
    assertThat(messages(world.validate().warnings()))
        .containsExactly("the legacy files are gone, so nothing could be compared with them");
    assertThat(world.context.retry(new RemoveLegacyDocuments(), input).files()).isEqualTo(4);
  }
}
