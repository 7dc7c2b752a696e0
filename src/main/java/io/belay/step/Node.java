package io.belay.step;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The identity of this process among the agents and the nodes that share the engine's database; new
 * with every start.
 */
@Component
public class Node {

  private final String name;

  private final Set<String> working = ConcurrentHashMap.newKeySet();

  /**
   * @param agent name of this agent; empty in Belay itself
   */
  Node(@Value("${belay.agent.name:}") String agent) {
    name =
        (agent.isEmpty() ? "" : agent + AgentSettings.SEPARATOR)
            + host()
            + "-"
            + UUID.randomUUID().toString().substring(0, 8);
  }

  /** Marks the execution as being worked on; false when it already was. */
  boolean begins(String stepKey) {
    return working.add(stepKey);
  }

  void ended(String stepKey) {
    working.remove(stepKey);
  }

  /** Whether this process works on that execution of a step now. */
  boolean worksOn(String stepKey) {
    return working.contains(stepKey);
  }

  /** The steps that this process works on now. */
  public Set<String> working() {
    return Set.copyOf(working);
  }

  public String name() {
    return name;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "node";
    }
  }
}
