package io.belay.target;

import java.nio.file.Path;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.transaction.PlatformTransactionManager;

/** What every step may use to reach its targets. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ArtifactSettings.class)
class TargetConfiguration {

  private static final Logger LOG = LoggerFactory.getLogger(TargetConfiguration.class);

  @Bean
  Environments environments(
      @Value("${belay.environments:environments}") String directory,
      ConfigurableEnvironment settings) {
    return new Environments(Path.of(directory), settings);
  }

  /**
   * Reports all mistakes in environment files. It does not keep Belay from starting: a run in
   * another environment may wait to be finished or taken back.
   */
  @Bean
  SmartInitializingSingleton reportInvalidEnvironments(Environments environments) {
    return () -> {
      try {
        environments.validateAll();
      } catch (InvalidEnvironment e) {
        LOG.error("no run can start in the environments named here. {}", e.getMessage());
      }
    };
  }

  @Bean
  ArtifactStore artifactStore(ArtifactSettings settings) {
    return new FileArtifactStore(settings);
  }

  @Bean
  Commands commands() {
    return new ChildProcesses();
  }

  @Bean
  @Profile("!agent")
  Leases leases(DataSource dataSource, PlatformTransactionManager transactions) {
    return new Leases(dataSource, transactions);
  }

  @Bean
  IdentityReader identityReader(Connections connections) {
    return new IdentityReader(connections);
  }

  @Bean
  Connections connections() {
    return new Connections();
  }
}
