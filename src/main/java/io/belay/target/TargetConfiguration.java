package io.belay.target;

import javax.sql.DataSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;

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
  Leases leases(DataSource dataSource, PlatformTransactionManager transactions) {
    return new Leases(dataSource, transactions);
  }

  @Bean
  Connections connections() {
    return new Connections();
  }
}
