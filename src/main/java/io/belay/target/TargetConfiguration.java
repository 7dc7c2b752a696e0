package io.belay.target;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What every step may use to reach its targets. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ArtifactSettings.class)
class TargetConfiguration {

  @Bean
  ArtifactStore artifactStore(ArtifactSettings settings) {
    return new FileArtifactStore(settings);
  }

  @Bean
  Commands commands() {
    return new ChildProcesses();
  }

  @Bean
  Connections connections() {
    return new Connections();
  }
}
