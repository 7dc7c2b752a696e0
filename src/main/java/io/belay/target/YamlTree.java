package io.belay.target;

import io.belay.target.InvalidEnvironment.Problem;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.composer.ComposerException;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads a YAML file into maps, lists and strings. Every scalar stays the text in the file, so that
 * a password of {@code 0123} or {@code no} is not turned into a number or a boolean. Spring Boot's
 * loader would do that, and it also lifts the limits that stop a file of a few lines from growing
 * to gigabytes.
 */
final class YamlTree {

  private static final long MOST_BYTES = 1 << 20;
  private static final int MOST_NODES = 10_000;
  private static final int DEEPEST = 20;

  private final List<Problem> problems;
  private int nodes;
  private int depth;

  private YamlTree(List<Problem> problems) {
    this.problems = problems;
  }

  /** The file's content; an empty map, and problems added, when it cannot be read. */
  static Map<String, Object> read(Path file, List<Problem> problems) {
    try (Reader reader = Files.newBufferedReader(file)) {
      if (Files.size(file) > MOST_BYTES) {
        problems.add(new Problem("", "more than %d bytes".formatted(MOST_BYTES)));
        return Map.of();
      }
      Node root = new Yaml(new LoaderOptions()).compose(reader); // allows 50 aliases and 50 levels
      if (root == null) {
        problems.add(new Problem("", "the file is empty"));
      } else if (root instanceof MappingNode mapping) {
        return new YamlTree(problems).map(mapping, "");
      } else {
        problems.add(new Problem("", "the file must be a mapping with the key 'targets'"));
      }
    } catch (ComposerException e) { // its message may show a value that starts with * or !
      problems.add(
          new Problem(
              "",
              "a wrong alias or tag; quote values that begin with * or !"
                  + position(e.getProblemMark())));
    } catch (MarkedYAMLException e) {
      problems.add(
          new Problem("", "no valid YAML: " + e.getProblem() + position(e.getProblemMark())));
    } catch (TooLarge e) {
      problems.add(
          new Problem("", "more than %d values or %d levels".formatted(MOST_NODES, DEEPEST)));
    } catch (YAMLException e) {
      problems.add(new Problem("", "no valid YAML, too many aliases or too many levels"));
    } catch (IOException e) {
      problems.add(new Problem("", "the file cannot be read as UTF-8 text"));
    }
    return Map.of();
  }

  private static final class TooLarge extends RuntimeException {}

  private static String position(Mark mark) {
    return mark == null
        ? ""
        : ", line %d, column %d".formatted(mark.getLine() + 1, mark.getColumn() + 1);
  }

  private Map<String, Object> map(MappingNode mapping, String path) {
    Map<String, Object> result = new LinkedHashMap<>();
    for (NodeTuple entry : mapping.getValue()) {
      if (!(entry.getKeyNode() instanceof ScalarNode keyNode)) {
        problems.add(new Problem(path, "keys must be plain text"));
        continue;
      }
      String key = keyNode.getValue();
      String full = path.isEmpty() ? key : path + "." + key;
      Object value = value(entry.getValueNode(), full);
      if (result.containsKey(key)) {
        problems.add(new Problem(full, "stands there twice" + position(keyNode.getStartMark())));
      } else if (value != null) {
        result.put(key, value);
      }
    }
    return result;
  }

  private Object value(Node node, String path) {
    if (++nodes > MOST_NODES || depth == DEEPEST) { // too deep if it contains itself
      throw new TooLarge();
    }
    depth++;
    try {
      return valueWithin(node, path);
    } finally {
      depth--;
    }
  }

  private Object valueWithin(Node node, String path) {
    if (node instanceof MappingNode mapping) {
      return map(mapping, path);
    }
    if (node instanceof SequenceNode sequence) {
      List<Object> list = new ArrayList<>();
      for (Node item : sequence.getValue()) {
        Object value = value(item, path + "[" + list.size() + "]");
        list.add(value == null ? "" : value);
      }
      return list;
    }
    return Tag.NULL.equals(node.getTag()) ? null : ((ScalarNode) node).getValue();
  }
}
