package io.belay.model.lint;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * An author's own files, completed by the shared parts that they use: the set that is linted and
 * deployed. An own file replaces the shared part of the same name.
 */
public final class CompleteSet {

  private static final Pattern RUN_ENDS = Pattern.compile("End_(?:Completed|RolledBack)(?:_.*)?");

  private CompleteSet() {}

  /**
   * Completes a set.
   *
   * @param own content by name. A name without a folder, as Camunda Modeler uploads it, gets the
   *     folder of its kind; a process is a runbook when it ends as one
   * @param parts content by name
   */
  public static Map<String, byte[]> of(Map<String, byte[]> own, Map<String, byte[]> parts) {
    Map<String, byte[]> set = new TreeMap<>();
    own.forEach((name, content) -> set.put(inItsFolder(name, content), content));
    Map<String, byte[]> others = new HashMap<>(parts);
    set.keySet().forEach(name -> others.keySet().removeIf(part -> last(part).equals(last(name))));
    Map<String, byte[]> added = set;
    while (!added.isEmpty()) {
      added = usedBy(added, others);
      set.putAll(added);
      others.keySet().removeAll(added.keySet());
    }
    return set;
  }

  /** The parts that one of the files names: called, evaluated, shown or passed on. */
  private static Map<String, byte[]> usedBy(Map<String, byte[]> files, Map<String, byte[]> parts) {
    Map<String, byte[]> used = new TreeMap<>();
    for (byte[] content : files.values()) {
      String text = new String(content, StandardCharsets.UTF_8);
      parts.forEach(
          (name, part) -> {
            if (names(text, last(name).replaceFirst("\\.[a-z]+$", ""))) {
              used.put(name, part);
            }
          });
    }
    return used;
  }

  private static boolean names(String text, String id) {
    return Pattern.compile("(?<![\\w-])" + Pattern.quote(id) + "(?![\\w-])").matcher(text).find();
  }

  private static String inItsFolder(String name, byte[] content) {
    if (name.contains("/")) {
      return name;
    }
    if (name.endsWith(".bpmn")) {
      return (endsARun(content) ? "runbooks/" : "phases/") + name;
    }
    return name.endsWith(".dmn")
        ? "decisions/" + name
        : name.endsWith(".form") ? "forms/" + name : name;
  }

  /** Also false for a file that cannot be read; the lint reports it. */
  private static boolean endsARun(byte[] content) {
    try {
      Document xml = SafeXml.read(content);
      NodeList ends = xml.getElementsByTagNameNS("*", "endEvent");
      for (int i = 0; i < ends.getLength(); i++) {
        if (RUN_ENDS.matcher(((Element) ends.item(i)).getAttribute("id")).matches()) {
          return true;
        }
      }
    } catch (SAXException unreadable) {
      // the lint reports it
    }
    return false;
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }
}
