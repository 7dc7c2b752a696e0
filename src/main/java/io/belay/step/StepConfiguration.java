package io.belay.step;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({StepSettings.class, AgentSettings.class})
class StepConfiguration {}
