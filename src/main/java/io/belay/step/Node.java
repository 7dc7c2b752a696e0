package io.belay.step;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** This process, among those that share the engine's database. New with every start. */
@Component
class Node {

  private final String name = host() + "-" + UUID.randomUUID().toString().substring(0, 8);

  private final Set<String> working = ConcurrentHashMap.newKeySet();

  /** False when this process works on that execution already. */
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

  String name() {
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
