package io.belay.capability.contract;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The place in a JSON document at which a walk through it is. */
final class JsonPath {

  private final List<String> steps = new ArrayList<>();
  private final List<String> general = new ArrayList<>();

  void enterField(String name) {
    steps.add(name);
    general.add("." + name);
  }

  void enterElement(int index) {
    steps.add(Integer.toString(index));
    general.add("*");
  }

  void leave() {
    steps.remove(steps.size() - 1);
    general.remove(general.size() - 1);
  }

  List<String> steps() {
    return Collections.unmodifiableList(steps);
  }

  int depth() {
    return steps.size();
  }

  /** What follows the first {@code depth} steps, the same for all elements of an array. */
  List<String> generalFrom(int depth) {
    return List.copyOf(general.subList(depth, general.size()));
  }

  /** As a JSON pointer. */
  @Override
  public String toString() {
    StringBuilder pointer = new StringBuilder();
    steps.forEach(step -> pointer.append('/').append(step.replace("~", "~0").replace("/", "~1")));
    return pointer.toString();
  }
}
