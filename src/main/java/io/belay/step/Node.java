package io.belay.step;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** This process, among those that share the engine's database. New with every start. */
@Component
class Node {

  private final String name = host() + "-" + UUID.randomUUID().toString().substring(0, 8);

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
