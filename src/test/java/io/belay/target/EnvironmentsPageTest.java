package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/environments.md} says of each type of targets what its record says. */
class EnvironmentsPageTest {

  @Test
  void tables_areThoseOfTheRecords() throws Exception {
    String page = Files.readString(EnvironmentsPage.PAGE);
    assertThat(page)
        .as("write the tables anew by ./belay docs")
        .isEqualTo(EnvironmentsPage.upToDate(page, AllTargetTypes.types()));
  }

  @Test
  void everySection_isOfATypeThatThereIs() throws Exception {
    List<String> sections =
        Pattern.compile("(?m)^## `type: (.*)`$")
            .matcher(Files.readString(EnvironmentsPage.PAGE))
            .results()
            .map(heading -> heading.group(1))
            .toList();
    assertThat(sections).containsExactlyInAnyOrderElementsOf(AllTargetTypes.names());
  }

  @Test
  void everyType_isDescribed() {
    for (String name : AllTargetTypes.names()) {
      assertThat(AllTargetTypes.types().named(name).orElseThrow().settings())
          .hasAnnotation(Described.class);
    }
  }

  @Described("A queue.")
  public record Queue(@Described("where it is") String broker) implements Target {

    @Override
    public String describe() {
      return broker;
    }
  }

  @Test
  void newType_getsASection_andProseStays() {
    TargetTypes types = new TargetTypes(List.of(TestTypes.of("queue", Queue.class)));
    String page = EnvironmentsPage.upToDate("# Environments\n\nProse.\n", types);
    assertThat(page)
        .isEqualTo(
            """
            # Environments

            Prose.

            ## `type: queue`

            A queue.

            | key | default | |
            |---|---|---|
            | `broker` | none | where it is |
            """);
    String changed = page.replace("where it is", "elsewhere") + "\nMore prose.\n";
    assertThat(EnvironmentsPage.upToDate(changed, types)).isEqualTo(page + "\nMore prose.\n");
  }

  @Test
  void defaultsOfAllForms_areShown() {
    String page = EnvironmentsPage.upToDate("", AllTargetTypes.types());
    Map.of(
            "host", "**required**",
            "restore", "`auto`",
            "store", "the legacy directory",
            "passwords", "`admin-users.password`, `users.password`",
            "password", "none")
        .forEach((key, value) -> assertThat(page).contains("| `" + key + "` | " + value + " |"));
  }
}
