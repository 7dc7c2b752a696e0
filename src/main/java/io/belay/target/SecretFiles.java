package io.belay.target;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;

/**
 * Lets every setting of Belay take its value from a mounted secret file: {@code
 * ${file:/run/secrets/artifacts-key}} is the file's content without surrounding white space.
 */
public class SecretFiles implements EnvironmentPostProcessor {

  private static final String PREFIX = "file:";

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    environment.getPropertySources().addLast(new Source());
  }

  private static final class Source extends PropertySource<String> {

    Source() {
      super("secret files", PREFIX);
    }

    @Override
    public Object getProperty(String name) {
      return isFile(name) ? read(name) : null;
    }
  }

  static boolean isFile(String placeholder) {
    return placeholder.startsWith(PREFIX);
  }

  /**
   * @param placeholder {@code file:} and a path
   * @throws IllegalArgumentException naming the file when it cannot be read
   */
  static String read(String placeholder) {
    String file = placeholder.substring(PREFIX.length());
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException | InvalidPathException e) {
      throw new IllegalArgumentException("secret file %s cannot be read".formatted(file), e);
    }
  }
}
