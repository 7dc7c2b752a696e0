package io.belay.model;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/** What {@code steps.properties} says of steps and inputs. */
final class StepSentences {

  private final Properties sentences = new Properties();
  private final Set<String> unused;

  StepSentences() {
    try (Reader reader =
        new InputStreamReader(
            StepSentences.class.getResourceAsStream("/steps.properties"), StandardCharsets.UTF_8)) {
      sentences.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    unused = new TreeSet<>(sentences.stringPropertyNames());
  }

  String of(String step) {
    return required(step, step);
  }

  String of(String step, String input) {
    String own = step + "." + input;
    return required(sentences.containsKey(own) ? own : "input." + input, own);
  }

  private String required(String key, String wanted) {
    unused.remove(key);
    String sentence = sentences.getProperty(key);
    if (sentence == null) {
      throw new AssertionError("steps.properties has no sentence for " + wanted);
    }
    return sentence;
  }

  /** Keys that nobody asked for. */
  Set<String> unused() {
    return unused;
  }
}
