package io.belay.command;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** How steps run child processes. */
@Configuration(proxyBeanMethods = false)
class CommandConfiguration {

  @Bean
  Commands commands() {
    return new ChildProcesses();
  }
}
