package io.belay;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationExcludeFilter;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.mongo.MongoAutoConfiguration;
import org.springframework.boot.context.TypeExcludeFilter;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Profile;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.modulith.Modulithic;
import org.springframework.scheduling.annotation.EnableScheduling;

/**
 * Starts the executor: engine, worker, web faces. With the profile {@code agent} only the worker
 * and what steps need.
 */
@Modulithic
@SpringBootConfiguration
@EnableAutoConfiguration(exclude = MongoAutoConfiguration.class) // a driver for targets, not for us
public class Belay {

  public static void main(String[] args) {
    ClassLoader extensions = Extensions.classLoader();
    Thread.currentThread().setContextClassLoader(extensions);
    application(extensions).run(args);
  }

  /** Belay with what that class loader has beside it. */
  static SpringApplication application(ClassLoader extensions) {
    return new SpringApplication(new DefaultResourceLoader(extensions), Belay.class);
  }

  @Configuration(proxyBeanMethods = false)
  @Profile("!agent")
  @EnableScheduling
  @ComponentScan(
      basePackageClasses = Belay.class,
      excludeFilters = {
        @Filter(type = FilterType.CUSTOM, classes = TypeExcludeFilter.class),
        @Filter(type = FilterType.CUSTOM, classes = AutoConfigurationExcludeFilter.class)
      })
  static class Whole {}

  /** No engine, no database, no pages: steps, what they use, and the way to Belay. */
  @Configuration(proxyBeanMethods = false)
  @Profile("agent")
  @ComponentScan({
    "io.belay.face.agent",
    "io.belay.step",
    "io.belay.target",
    "io.belay.artifact",
    "io.belay.command",
    "io.belay.capability"
  })
  static class Agent {}
}
