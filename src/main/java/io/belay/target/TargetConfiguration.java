package io.belay.target;

import java.nio.file.Path;
import java.util.List;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.transaction.PlatformTransactionManager;

/** The beans with which every step may reach its targets. */
@Configuration(proxyBeanMethods = false)
class TargetConfiguration {

  private static final Logger LOG = LoggerFactory.getLogger(TargetConfiguration.class);

  @Bean
  Environments environments(
      @Value("${belay.environments:environments}") String directory,
      ConfigurableEnvironment settings,
      TargetTypes types) {
    return new Environments(Path.of(directory), settings, types);
  }

  /**
   * Reports all mistakes in environment files, but lets Belay start: a run in another environment
   * may be waiting to be finished or rolled back.
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
  @Profile("!agent")
  Leases leases(DataSource dataSource, PlatformTransactionManager transactions) {
    return new Leases(dataSource, transactions);
  }

  @Bean
  TargetTypes targetTypes(List<TargetType<?>> types) {
    return new TargetTypes(types);
  }

  @Bean
  IdentityReader identityReader(TargetTypes types) {
    return new IdentityReader(types);
  }

  @Bean
  Connections connections() {
    return new Connections();
  }
}
