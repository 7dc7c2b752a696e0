package io.belay.security;

import java.time.Clock;
import org.camunda.bpm.engine.impl.identity.WritableIdentityProvider;
import org.camunda.bpm.engine.impl.interceptor.Session;
import org.camunda.bpm.engine.impl.interceptor.SessionFactory;
import org.camunda.bpm.engine.spring.SpringProcessEngineConfiguration;
import org.camunda.bpm.spring.boot.starter.configuration.impl.AbstractCamundaConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** How the engine keeps its users. */
@Configuration(proxyBeanMethods = false)
class IdentityConfiguration {

  @Bean
  LoginLimits loginLimits() {
    return new LoginLimits(Clock.systemUTC());
  }

  @Bean
  AbstractCamundaConfiguration belayIdentity(LoginLimits limits, SecuritySettings settings) {
    return new AbstractCamundaConfiguration() {
      @Override
      public void preInit(SpringProcessEngineConfiguration engine) {
        engine.setIdentityProviderSessionFactory(users(limits));
        engine.setPasswordEncryptor(new SpringPasswords());
        engine.setPasswordPolicy(new PasswordRules());
        engine.setEnablePasswordPolicy(!settings.playground());
        engine.setUserResourceWhitelistPattern(OidcUsers.NAME);
      }
    };
  }

  private static SessionFactory users(LoginLimits limits) {
    return new SessionFactory() {
      @Override
      public Class<?> getSessionType() {
        return WritableIdentityProvider.class;
      }

      @Override
      public Session openSession() {
        return new EngineUsers(limits);
      }
    };
  }
}
