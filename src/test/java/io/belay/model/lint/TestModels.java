package io.belay.model.lint;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.validation.Validation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A set of models that is in order, to be broken in one place and linted. */
final class TestModels {

  static final String RUNBOOK = "runbooks/two-rails.bpmn";
  static final String CHANGE = "phases/change.bpmn";
  static final String APPROVAL = "phases/approval.bpmn";
  static final String REMOVAL = "phases/removal.bpmn";
  static final String UNDO_CHANGE = "phases/undo-change.bpmn";
  static final String DECISION = "decisions/things-gate.dmn";
  static final String FORM = "forms/approve.form";

  private static final BoundInputs INPUTS =
      new BoundInputs(Validation.buildDefaultValidatorFactory().getValidator());

  private final Map<String, byte[]> content;

  private TestModels(Map<String, byte[]> content) {
    this.content = content;
  }

  static TestModels good() {
    return new TestModels(ofDirectory(Path.of("src/test/resources/lint/good")));
  }

  static Map<String, byte[]> ofDirectory(Path root) {
    Map<String, byte[]> models = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        String name = root.relativize(file).toString();
        if (!name.startsWith(".")) {
          models.put(name, Files.readAllBytes(file));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return models;
  }

  Map<String, byte[]> content() {
    return content;
  }

  String text(String file) {
    return new String(content.get(file), StandardCharsets.UTF_8);
  }

  TestModels with(String file, String text) {
    return with(file, text.getBytes(StandardCharsets.UTF_8));
  }

  TestModels with(String file, byte[] bytes) {
    Map<String, byte[]> changed = new TreeMap<>(content);
    changed.put(file, bytes);
    return new TestModels(changed);
  }

  TestModels without(String file) {
    Map<String, byte[]> changed = new TreeMap<>(content);
    assertThat(changed.remove(file)).isNotNull();
    return new TestModels(changed);
  }

  /** Replaces text that must be there. */
  TestModels replace(String file, String old, String replacement) {
    assertThat(text(file)).contains(old);
    return with(file, text(file).replace(old, replacement));
  }

  List<Finding> check() {
    return new ModelLint(TestSteps.all(), INPUTS).check(content);
  }

  /** Asserts that the lint refuses this element, in these words. */
  void isRefused(String file, String element, String... words) {
    List<Finding> findings = check();
    assertThat(findings)
        .as("findings: %s", findings)
        .anySatisfy(
            finding -> {
              assertThat(finding.file()).isEqualTo(file);
              assertThat(finding.element()).isEqualTo(element);
              assertThat(finding.rule()).contains(words);
            });
  }

  /** Asserts that the lint, whatever else it finds, does not say that of this element. */
  void isNotRefused(String file, String element, String words) {
    assertThat(check())
        .noneMatch(
            finding ->
                finding.file().equals(file)
                    && finding.element().equals(element)
                    && finding.rule().contains(words));
  }

  void isAccepted() {
    assertThat(check()).isEmpty();
  }
}
