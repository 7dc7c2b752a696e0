package io.belay.security;

import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.webapp.impl.security.auth.ContainerBasedAuthenticationFilter;
import org.springframework.boot.autoconfigure.security.SecurityProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The filters around the one that {@link SecurityConfiguration} describes, by their order. */
@Configuration(proxyBeanMethods = false)
class SecurityFilters {

  /** Lets the webapps use the user of Belay's own login. */
  @Bean
  FilterRegistrationBean<ContainerBasedAuthenticationFilter> webapps() {
    var filter = new FilterRegistrationBean<>(new ContainerBasedAuthenticationFilter());
    filter.setInitParameters(
        Map.of("authentication-provider", WebappAuthentication.class.getName()));
    filter.setOrder(101);
    filter.setUrlPatterns(List.of("/camunda/app/*", "/camunda/api/*"));
    return filter;
  }

  @Bean
  FilterRegistrationBean<ClientAddress> clientAddress() {
    var filter = new FilterRegistrationBean<>(new ClientAddress());
    filter.setOrder(SecurityProperties.DEFAULT_FILTER_ORDER - 1);
    return filter;
  }

  /** Runs before anything reads the request or its credentials. */
  @Bean
  FilterRegistrationBean<CrossSiteFilter> crossSite(Problems problems) {
    var filter = new FilterRegistrationBean<>(new CrossSiteFilter(problems));
    filter.setOrder(SecurityProperties.DEFAULT_FILTER_ORDER - 1);
    return filter;
  }

  /** Checks requests to the engine's REST interfaces before the engine sees them. */
  @Bean
  FilterRegistrationBean<DoorKeeper> doorKeeper(Agents agents, DoorRules rules, Problems problems) {
    var filter = new FilterRegistrationBean<>(new DoorKeeper(agents, rules, problems));
    filter.setOrder(100);
    filter.setUrlPatterns(List.of("/engine-rest/*", "/camunda/api/*"));
    return filter;
  }

  /** Tells the engine who calls engine-rest, so that its authorizations apply. */
  @Bean
  FilterRegistrationBean<EngineIdentityFilter> engineIdentity(IdentityService identity) {
    var filter = new FilterRegistrationBean<>(new EngineIdentityFilter(identity));
    filter.setOrder(102);
    filter.setUrlPatterns(List.of("/engine-rest/*"));
    return filter;
  }
}
