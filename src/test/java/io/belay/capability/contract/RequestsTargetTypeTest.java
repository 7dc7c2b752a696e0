package io.belay.capability.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.target.TestTypes;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is refused in a target's settings, by key and rule. */
class RequestsTargetTypeTest {

  private static List<String> problems(RequestsTarget target) {
    return TestTypes.problems(new RequestsTargetType(), target);
  }

  @Test
  void pathsAndHeaders_asTheyShouldBe() {
    assertThat(
            problems(
                new RequestsTarget(
                    Path.of("a.har"),
                    URI.create("https://shop/api"),
                    List.of("content-type", "ETag"),
                    List.of("/id", "/items/*/at", "etag"),
                    List.of("/**/debug", "/a~1b", "/"),
                    List.of("/items"))))
        .isEmpty();
  }

  @Test
  void eachMistake_isTold() {
    assertThat(
            problems(
                new RequestsTarget(
                    Path.of("a.har"),
                    URI.create("ftp://shop"),
                    List.of("content type"),
                    List.of("/id", "etag"),
                    List.of("$.debug", ""),
                    List.of("/items", "/a~2b"))))
        .satisfiesExactly(
            one -> assertThat(one).startsWith("targets.d.recorded-at: must be an address"),
            one -> assertThat(one).isEqualTo("targets.d.headers[0]: must be a header's name"),
            one -> assertThat(one).startsWith("targets.d.ignored[0]: must be a path such as"),
            one -> assertThat(one).startsWith("targets.d.ignored[1]: must be a path such as"),
            one -> assertThat(one).startsWith("targets.d.unordered[1]: must be a path such as"),
            one -> assertThat(one).endsWith("or the name of one of 'headers'"));
  }
}
