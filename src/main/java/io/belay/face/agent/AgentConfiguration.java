package io.belay.face.agent;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.step.ExternalTasks;
import io.belay.step.Node;
import io.belay.step.StepJournals;
import io.belay.step.StepSettings;
import io.belay.target.Environments;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** The beans that an agent has in place of an engine. */
@Configuration(proxyBeanMethods = false)
@Profile("agent")
@EnableConfigurationProperties(AgentProperties.class)
class AgentConfiguration {

  @Bean
  BelayClient belayClient(AgentProperties agent, ObjectMapper json) {
    return new BelayClient(agent, json);
  }

  @Bean
  StepJournals stepJournals(BelayClient belay, Node node, ObjectMapper json) {
    return new RestStepJournals(belay, node, json);
  }

  @Bean
  ExternalTasks externalTasks(
      BelayClient belay,
      Node node,
      StepSettings settings,
      Environments environments,
      ObjectMapper json) {
    return new RestTasks(belay, node, settings, environments, json);
  }
}
