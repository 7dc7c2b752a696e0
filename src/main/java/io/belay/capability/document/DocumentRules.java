package io.belay.capability.document;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.capability.document.DocumentStoreTarget.Reference;
import io.belay.capability.document.query.JavaScript;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules on the documents of the new files: administrators, passwords, references. */
final class DocumentRules {

  private static final int REMEMBERED = 10_000;
  private static final long BAD = 1;
  private static final long GOOD = 0;

  private final DocumentStoreTarget target;
  private final Map<String, Rules> collections = new HashMap<>();
  private final Map<Reference, Tally> broken = new LinkedHashMap<>();
  private final Set<String> administrators = new HashSet<>();
  private final List<Pending> pending = new ArrayList<>();
  private final IdTable passwords = new IdTable();
  private final Tally badPasswords = new Tally();
  private long badPasswordCount;

  /**
   * The rules for one collection.
   *
   * @param fields top-level fields that the rules use
   */
  private record Rules(List<String> passwords, List<Reference> references, Set<String> fields) {

    Rules() {
      this(new ArrayList<>(), new ArrayList<>(), new HashSet<>());
    }

    void looksAt(String path) {
      fields.add(path.split("\\.", 2)[0]);
    }
  }

  /** A reference to no legacy document; an application may have added its document. */
  private record Pending(Reference rule, String id, String example) {}

  /** Whether there is a document. */
  @FunctionalInterface
  interface Known {
    boolean has(String collection, String id);
  }

  DocumentRules(DocumentStoreTarget target) {
    this.target = target;
    rules(target.administrators().collection()).looksAt(target.administrators().field());
    for (String path : target.passwords()) {
      String[] parts = path.split("\\.", 2);
      rules(parts[0]).passwords().add(parts[1]);
      rules(parts[0]).looksAt(parts[1]);
    }
    for (Reference rule : target.references()) {
      broken.put(rule, new Tally());
      rules(rule.collection()).references().add(rule);
      rules(rule.collection()).looksAt(rule.field());
    }
  }

  private Rules rules(String collection) {
    return collections.computeIfAbsent(collection, name -> new Rules());
  }

  /** Checks a line of a new file; a later line for an id replaces earlier ones. */
  void check(NedbLine line, byte[] buffer, int start, int end, Known known) throws IOException {
    if (line.kind() == NedbLine.Kind.DELETION) {
      administrators.remove(line.id());
      passwords(line, true);
      return;
    }
    Rules rules = collections.get(line.collection());
    if (rules == null) {
      return;
    }
    JsonNode document = fields(buffer, start, end, rules.fields());
    administrator(line, document);
    if (!rules.passwords().isEmpty()) {
      passwords(line, rules.passwords().stream().allMatch(path -> isGood(at(document, path))));
    }
    for (Reference rule : rules.references()) {
      reference(rule, document, line, known);
    }
  }

  private static JsonNode fields(byte[] buffer, int start, int end, Set<String> wanted)
      throws IOException {
    ObjectNode fields = Json.MAPPER.createObjectNode();
    try (JsonParser parser = Json.MAPPER.createParser(buffer, start, end - start)) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        if (wanted.contains(name)) {
          fields.set(name, parser.readValueAsTree());
        } else {
          parser.skipChildren();
        }
      }
    }
    return fields;
  }

  private void administrator(NedbLine line, JsonNode document) {
    if (line.collection().equals(target.administrators().collection())) {
      JsonNode level = at(document, target.administrators().field());
      if (level.isValueNode() && level.asText().equals(target.administrators().value())) {
        administrators.add(line.id());
      } else {
        administrators.remove(line.id());
      }
    }
  }

  private static boolean isGood(JsonNode password) {
    return password.isMissingNode()
        || password.isNull()
        || (password.isTextual() && PasswordHashes.recognises(password.asText()));
  }

  private void passwords(NedbLine line, boolean good) {
    boolean wasBad = passwords.value(line.id(), 0) == BAD;
    if (!good) {
      passwords.set(passwords.place(line.id(), 0), BAD);
      badPasswordCount += wasBad ? 0 : 1;
      badPasswords.example(name(line));
    } else if (wasBad) {
      passwords.set(passwords.place(line.id(), 0), GOOD);
      badPasswordCount--;
    }
  }

  private static String name(NedbLine line) {
    return line.collection() + "/" + line.originalId();
  }

  private void reference(Reference rule, JsonNode document, NedbLine line, Known known) {
    JsonNode value = at(document, rule.field());
    if (value.isMissingNode() || value.isNull()) {
      if (rule.required()) {
        broken.get(rule).add("%s has no %s".formatted(name(line), rule.field()));
      }
    } else if (value.isArray()) {
      value.forEach(item -> resolve(rule, item, line, known));
    } else {
      resolve(rule, value, line, known);
    }
  }

  private void resolve(Reference rule, JsonNode value, NedbLine line, Known known) {
    String id = value.isNumber() ? JavaScript.string(value.asDouble()) : value.asText();
    if (value.isContainerNode() || !known.has(rule.to(), id)) {
      String example = "%s → %s/%s".formatted(name(line), rule.to(), id);
      if (value.isValueNode() && pending.size() < REMEMBERED) {
        pending.add(new Pending(rule, id, example));
      } else {
        broken.get(rule).add(example);
      }
    }
  }

  /** Decides references to documents that applications may have added. */
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

  Map<Reference, Tally> broken() {
    return broken;
  }

  boolean hasAdministrator() {
    return !administrators.isEmpty();
  }

  long badPasswordCount() {
    return badPasswordCount;
  }

  /** Examples, which may include some that later lines have corrected. */
  List<String> badPasswords() {
    return badPasswords.examples();
  }
}
