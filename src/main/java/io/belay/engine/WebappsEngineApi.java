package io.belay.engine;

import org.camunda.bpm.spring.boot.starter.property.CamundaBpmProperties;
import org.camunda.bpm.webapp.impl.engine.EngineRestApplication;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.servlet.ServletContainer;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/**
 * The engine's REST interface of the webapps, which answers refusals as engine-rest does. The
 * webapps skip a servlet whose name is taken, so this one must be registered before theirs.
 */
@Configuration(proxyBeanMethods = false)
class WebappsEngineApi {

  private static final String NAME_IN_THE_WEBAPPS = "Engine Api";

  @Bean
  ServletRegistrationBean<ServletContainer> webappsServlet(
      RefusalStatus refusals, CamundaBpmProperties properties) {
    ResourceConfig rest = ResourceConfig.forApplication(new EngineRestApplication());
    refusals.customize(rest);
    ServletRegistrationBean<ServletContainer> api =
        new ServletRegistrationBean<>(
            new ServletContainer(rest),
            properties.getWebapp().getApplicationPath() + "/api/engine/*");
    api.setName(NAME_IN_THE_WEBAPPS);
    api.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return api;
  }
}
