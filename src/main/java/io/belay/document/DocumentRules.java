package io.belay.document;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.target.DocumentStoreTarget;
import io.belay.target.DocumentStoreTarget.Reference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold within the documents of the new files: administrators, passwords, references. */
final class DocumentRules {

  private static final int EXAMPLES = 20;
  private static final int REMEMBERED = 10_000;

  private final DocumentStoreTarget target;
  private final Set<String> collections = new HashSet<>();
  private final Map<Reference, Broken> broken = new LinkedHashMap<>();
  private final Set<String> administrators = new HashSet<>();
  private final List<Pending> pending = new ArrayList<>();
  private final List<String> badPasswords = new ArrayList<>();
  private long badPasswordCount;

  /** References of one rule that lead nowhere. */
  static final class Broken {
    private final List<String> examples = new ArrayList<>();
    private long count;

    long count() {
      return count;
    }

    List<String> examples() {
      return examples;
    }

    private void add(String example) {
      count++;
      if (examples.size() < EXAMPLES) {
        examples.add(example);
      }
    }
  }

  /** A reference that no legacy document answers; an application may have added one. */
  private record Pending(Reference rule, String id, String example) {}

  /** Whether there is a document. */
  @FunctionalInterface
  interface Known {
    boolean has(String collection, String id);
  }

  DocumentRules(DocumentStoreTarget target) {
    this.target = target;
    collections.add(target.administrators().collection());
    target.passwords().forEach(path -> collections.add(path.substring(0, path.indexOf('.'))));
    target.references().forEach(rule -> collections.add(rule.collection()));
    target.references().forEach(rule -> broken.put(rule, new Broken()));
  }

  /** Checks a line of a new file; later lines for an id replace what earlier ones said. */
  void check(NedbLine line, byte[] buffer, int start, int end, Known known) throws IOException {
    if (line.kind() == NedbLine.Kind.DELETION) {
      administrators.remove(line.id());
      return;
    }
    String collection = line.collection();
    if (collection == null || !collections.contains(collection)) {
      return;
    }
    JsonNode document = Json.MAPPER.readTree(buffer, start, end - start);
    String name = collection + "/" + line.originalId();
    administrator(collection, document, line.id());
    for (String path : target.passwords()) {
      if (path.startsWith(collection + ".")) {
        password(document, path.substring(collection.length() + 1), name);
      }
    }
    for (Reference rule : target.references()) {
      if (rule.collection().equals(collection)) {
        reference(rule, document, name, known);
      }
    }
  }

  private void administrator(String collection, JsonNode document, String id) {
    if (collection.equals(target.administrators().collection())) {
      JsonNode level = at(document, target.administrators().field());
      if (level.isValueNode() && level.asText().equals(target.administrators().value())) {
        administrators.add(id);
      } else {
        administrators.remove(id);
      }
    }
  }

  private void password(JsonNode document, String field, String name) {
    JsonNode password = at(document, field);
    if (!password.isMissingNode()
        && !password.isNull()
        && !(password.isTextual() && PasswordHashes.recognises(password.asText()))) {
      badPasswordCount++;
      if (badPasswords.size() < EXAMPLES) {
        badPasswords.add(name);
      }
    }
  }

  private void reference(Reference rule, JsonNode document, String name, Known known) {
    JsonNode value = at(document, rule.field());
    if (value.isMissingNode() || value.isNull()) {
      if (rule.required()) {
        broken.get(rule).add("%s has no %s".formatted(name, rule.field()));
      }
    } else if (value.isArray()) {
      value.forEach(item -> resolve(rule, item, name, known));
    } else {
      resolve(rule, value, name, known);
    }
  }

  private void resolve(Reference rule, JsonNode value, String name, Known known) {
    String id = value.isNumber() ? JavaScript.string(value.asDouble()) : value.asText();
    if (value.isContainerNode() || !known.has(rule.to(), id)) {
      String example = "%s → %s/%s".formatted(name, rule.to(), id);
      if (value.isValueNode() && pending.size() < REMEMBERED) {
        pending.add(new Pending(rule, id, example));
      } else {
        broken.get(rule).add(example);
      }
    }
  }

  /** Decides about references to documents that applications may have added. */
  void conclude(Known added) {
    for (Pending one : pending) {
      if (!added.has(one.rule().to(), one.id())) {
        broken.get(one.rule()).add(one.example());
      }
    }
    pending.clear();
  }

  private static JsonNode at(JsonNode document, String path) {
    JsonNode node = document;
    for (String name : path.split("\\.")) {
      node = node.path(name);
    }
    return node;
  }

  Map<Reference, Broken> broken() {
    return broken;
  }

  boolean hasAdministrator() {
    return !administrators.isEmpty();
  }

  long badPasswordCount() {
    return badPasswordCount;
  }

  List<String> badPasswords() {
    return badPasswords;
  }
}
