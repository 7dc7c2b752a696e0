package io.belay.capability.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.step.FakeStepContext;
import io.belay.step.Verdict;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pairs of files as real programs have them, reviewed and updated. */
class EnvCasesTest {

  @TempDir private Path directory;

  @ParameterizedTest(name = "b{0}.env and c{0}.env")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "1 |                   | FAIL    | 3 missing: SENDER_NAME, CITY, 2FA_SECRET | ^^",
        "2 | OLD_FROM=MAIL_FROM | PASS   | 1 unknown: Z; 1 changed: MAIL_FROM | ^^",
        "3 |                   | NO_DATA | the baseline B has no key, so there is nothing to compare with | ^^",
        "4 |                   | FAIL    | 1 missing: DB_PASSWORD; 1 changed: GREETING | ^^",
        "5 | DB_HOST=PG_HOST   | FAIL    | 2 missing: PG_HOST, DB_URL; 1 unknown: Z | PG_HOST=db1",
        "5 | DB_HOST=PG_HOST,DB_URL=PG_URL | FAIL | 2 missing: PG_HOST, PG_URL; 1 unknown: Z | PG_HOST=db1,PG_URL=postgres://${PG_HOST}/app",
        "6 |                   | PASS    | nothing missing, empty or unknown | ^^",
      })
  void pair_isReviewed_andOnlyRenamedKeysAreAdded(
      int number, String renames, Verdict verdict, String reason, String added) throws Exception {
    Path baseline = copy("b" + number);
    Path candidate = copy("c" + number);
    String before = Files.readString(candidate);
    FakeStepContext context =
        new FakeStepContext(
            Map.of(
                "configuration",
                new ConfigurationTarget(
                    baseline,
                    candidate,
                    EnvDialect.DOTENV,
                    renames(renames),
                    List.of(),
                    List.of(),
                    List.of())));

    ReviewConfiguration.Result review =
        context.run(new ReviewConfiguration(), new ReviewConfiguration.Input("configuration"));
    assertThat(review.reason()).isEqualTo(reason.replace(" B ", " " + baseline + " "));
    assertThat(review.verdict()).isEqualTo(verdict);

    context.run(new UpdateConfiguration(), new UpdateConfiguration.Input("configuration"));
    String after = Files.readString(candidate);
    assertThat(after).as("nothing that was there is changed").startsWith(before);
    assertThat(after.substring(before.length()).lines().filter(line -> !line.startsWith("#")))
        .containsExactlyElementsOf(
            added == null || added.isEmpty() ? List.of() : List.of(added.split(",")));
  }

  private static Map<String, String> renames(String given) {
    return given == null
        ? Map.of()
        : Stream.of(given.split(","))
            .map(rename -> rename.split("="))
            .collect(Collectors.toMap(rename -> rename[0], rename -> rename[1]));
  }

  private Path copy(String name) throws Exception {
    try (InputStream file = getClass().getResourceAsStream("/cases/env/" + name + ".env")) {
      Path copy = directory.resolve(name + ".env");
      Files.copy(file, copy);
      return copy;
    }
  }
}
