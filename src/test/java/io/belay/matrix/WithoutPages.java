package io.belay.matrix;

import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Belay without its pages, because it is started hundreds of times: what serves browsers is not
 * made, all that has to do with runs and steps is, as always.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("belay.test.without-pages")
class WithoutPages {

  @Bean
  static LazyInitializationExcludeFilter onlyPagesAreLazy() {
    return (name, definition, type) -> {
      String of = type.getName();
      boolean faces = of.startsWith("io.belay.face.web.") || of.startsWith("io.belay.security.");
      return of.startsWith("io.belay.") && (!faces || of.equals("io.belay.security.Users"));
    };
  }
}
