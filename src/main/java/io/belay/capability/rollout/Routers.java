package io.belay.capability.rollout;

import io.belay.target.RouterStatistics;
import io.belay.target.RouterTarget;
import org.springframework.stereotype.Component;

/** Opens the router that a target describes. */
@Component
public final class Routers implements RouterStatistics.Reader {

  private final GatewayClient gateway = new GatewayClient();

  public Router open(RouterTarget target) {
    return switch (target.kind()) {
      case GATEWAY -> new GatewayRouter(target, gateway);
      case HAPROXY -> new HaproxyRouter(target, new HaproxyRuntime(target));
    };
  }

  @Override
  public RouterStatistics read(RouterTarget target) {
    return open(target).statistics();
  }
}
