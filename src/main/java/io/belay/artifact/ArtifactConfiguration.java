package io.belay.artifact;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The store of the files that runs produce. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ArtifactSettings.class)
class ArtifactConfiguration {

  @Bean
  ArtifactStore artifactStore(ArtifactSettings settings) {
    return new FileArtifactStore(settings);
  }
}
