package io.belay.benchmark;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;

/**
 * Camunda with webapps and REST as its starters make it, and all that Spring Boot sets up by itself
 * for the libraries that Belay has; nothing of Belay.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class BareCamunda {

  public static void main(String[] arguments) {
    SpringApplication.run(BareCamunda.class, arguments);
  }
}
