package io.belay.web;

import io.belay.file.PrivateFiles;
import io.belay.target.InvalidSetting;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Makes the web server's directory private when {@code server.tomcat.basedir} names one. Without,
 * it is a temporary one, which Spring Boot makes private itself.
 */
@Component
class ServerDirectory implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

  private final String directory;

  ServerDirectory(@Value("${server.tomcat.basedir:}") String directory) {
    this.directory = directory;
  }

  @Override
  public void customize(TomcatServletWebServerFactory server) {
    if (!directory.isEmpty()) {
      try {
        PrivateFiles.claim(Path.of(directory));
        // Tomcat would make it later, as the umask says.
        PrivateFiles.directories(Path.of(directory, "work", "Tomcat", "localhost", "ROOT"));
      } catch (IOException e) {
        throw new InvalidSetting(
            "server.tomcat.basedir: %s cannot be made: %s".formatted(directory, e.getMessage()), e);
      }
    }
  }
}
