package io.belay.playground;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The parts of the world that only some runbooks need, and of these those that are open. */
final class WorldParts implements Closeable {

  private final List<WorldPart> all;

  WorldParts(WorldPart... all) {
    this.all = List.of(all);
  }

  /**
   * Opens what the environment needs.
   *
   * @return whether something was not open yet
   */
  boolean open(String environment) throws Exception {
    boolean fresh = false;
    for (WorldPart part : all) {
      if (part.environment().equals(environment) && !part.isOpen()) {
        part.open();
        fresh = true;
      }
    }
    return fresh;
  }

  private List<WorldPart> open() {
    return all.stream().filter(WorldPart::isOpen).toList();
  }

  Map<String, String> properties() {
    Map<String, String> properties = new TreeMap<>();
    all.forEach(part -> properties.putAll(part.properties()));
    return properties;
  }

  void cause(Fault fault) throws IOException {
    for (WorldPart part : open()) {
      part.cause(fault);
    }
  }

  void repair() throws IOException {
    for (WorldPart part : open()) {
      part.repair();
    }
  }

  void reset() throws Exception {
    for (WorldPart part : open()) {
      part.reset();
    }
  }

  void describe(SortedMap<String, String> facts) throws Exception {
    for (WorldPart part : open()) {
      part.describe(facts);
    }
  }

  void count(SortedMap<String, Long> effects) throws Exception {
    for (WorldPart part : open()) {
      part.count(effects);
    }
  }

  @Override
  public void close() throws IOException {
    for (WorldPart part : open()) {
      part.close();
    }
  }
}
