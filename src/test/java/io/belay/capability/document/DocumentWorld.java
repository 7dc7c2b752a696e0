package io.belay.capability.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.artifact.ArtifactStore;
import io.belay.capability.document.DocumentStoreTarget.Administrators;
import io.belay.capability.document.DocumentStoreTarget.Reference;
import io.belay.step.FakeStepContext;
import io.belay.target.Environment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A document store on disk and a run that works on it. */
public final class DocumentWorld {

  static final String NAME = "document-store";
  static final String HASH = "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
  static final String ADMIN = "{\"_id\":\"a1\",\"level\":1,\"password\":\"%s\"}".formatted(HASH);

  public final DocumentStoreTarget target;
  FakeStepContext context;

  /**
   * Collections {@code admin-users} and {@code roles} for admin.db; the others for application.db.
   */
  DocumentWorld(Path directory, String... application) throws IOException {
    this(directory, List.of("admin-users", "roles"), List.of(application), List.of());
    write("admin-users", ADMIN);
    write("roles");
    for (String collection : application) {
      write(collection);
    }
  }

  private DocumentWorld(
      Path directory, List<String> admin, List<String> application, List<Reference> references)
      throws IOException {
    target =
        new DocumentStoreTarget(
            Files.createDirectories(directory.resolve("legacy")),
            Files.createDirectories(directory.resolve("store")),
            directory.resolve("state"),
            admin,
            application,
            List.of(),
            references,
            new Administrators("admin-users", "level", "1"),
            List.of("admin-users.password"));
    context = new FakeStepContext(Map.of(NAME, target));
  }

  /** The guide's 21 collections. */
  public static DocumentWorld ofTheGuide(Path directory) throws IOException {
    Path legacy = Files.createDirectories(directory.resolve("legacy"));
    Path store = Files.createDirectories(directory.resolve("store"));
    return new DocumentWorld(guide(legacy, store, directory.resolve("state")));
  }

  static DocumentStoreTarget guide(Path legacy, Path store, Path state) {
    return io.belay.target.DocumentStores.ofTheGuide(legacy, store, state);
  }

  DocumentWorld(DocumentStoreTarget target) {
    this.target = target;
    this.context = new FakeStepContext(Map.of(NAME, target));
  }

  /** Artifacts of the test's own, an encrypting store say. */
  DocumentWorld artifacts(ArtifactStore store) {
    context =
        new FakeStepContext(
            new Environment("test", "for tests", new LinkedHashMap<>(Map.of(NAME, target))), store);
    return this;
  }

  DocumentWorld write(String collection, String... lines) throws IOException {
    Files.writeString(
        target.legacyFile(collection), lines.length == 0 ? "" : String.join("\n", lines) + "\n");
    return this;
  }

  void append(String collection, String text) throws IOException {
    Files.writeString(target.legacyFile(collection), text, StandardOpenOption.APPEND);
  }

  void appendNew(String text) throws IOException {
    Files.writeString(target.applicationFile(), text, StandardOpenOption.APPEND);
  }

  /** By another run, from the legacy files as they are now. */
  void migrateAnew() throws Exception {
    context.runId(context.runId() + "+");
    snapshot();
    migrate();
  }

  DocumentAnalysis analyze() throws IOException {
    return DocumentAnalysis.of(
        target, context.artifacts(), context.progress(), context.cancellation());
  }

  public TakeDocumentSnapshot.Result snapshot() throws Exception {
    return context.run(new TakeDocumentSnapshot(), new TakeDocumentSnapshot.Input(List.of(NAME)));
  }

  public MigrateDocuments.Result migrate() throws Exception {
    return context.run(new MigrateDocuments(), new MigrateDocuments.Input(NAME));
  }

  public int revert() throws Exception {
    return context
        .run(new RevertDocumentMigration(), new RevertDocumentMigration.Input(NAME))
        .restored();
  }

  public ValidationReport validate() throws IOException {
    return DocumentValidation.validate(target, 1.5, context.progress(), context.cancellation());
  }

  List<String> adminLines() throws IOException {
    return Files.readAllLines(target.adminFile());
  }

  List<String> applicationLines() throws IOException {
    return Files.readAllLines(target.applicationFile());
  }

  /** The documents of a new file, as they were in their legacy file, by collection and id. */
  static Map<String, JsonNode> originals(Path file) throws IOException {
    Map<String, JsonNode> documents = new TreeMap<>();
    for (String line : Files.readAllLines(file)) {
      ObjectNode document = (ObjectNode) Json.MAPPER.readTree(line);
      if (document.has("_id")) {
        String key =
            document.path("_collection").asText()
                + "/"
                + MigratedDocument.originalId(document).asText();
        if (documents.put(key, MigratedDocument.original(document)) != null) {
          throw new AssertionError("twice: " + key);
        }
      }
    }
    return documents;
  }

  /** Every file in the three directories, with its content; {@code null} for the state's own. */
  Map<String, String> content() throws IOException {
    Map<String, String> content = new TreeMap<>();
    for (Path directory : List.of(target.legacy(), target.store())) {
      for (Path file : list(directory)) {
        content.put(
            directory.getFileName() + "/" + file.getFileName(),
            new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    return content;
  }

  static List<Path> list(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    try (var found = Files.newDirectoryStream(directory, Files::isRegularFile)) {
      found.forEach(files::add);
    }
    return files;
  }
}
