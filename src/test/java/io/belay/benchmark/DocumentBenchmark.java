package io.belay.benchmark;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.management.OperatingSystemMXBean;
import io.belay.capability.document.DocumentWorld;
import io.belay.capability.document.Nedb;
import io.belay.capability.document.QueryAdapter;
import io.belay.capability.document.QueryMode;
import io.belay.capability.document.QuerySettings;
import io.belay.capability.document.QuerySide;
import io.belay.capability.document.SideHealth;
import io.belay.capability.document.query.Find;
import io.belay.playground.LegacyDocuments;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.opentest4j.TestAbortedException;
import org.springframework.util.FileSystemUtils;

/**
 * The migration of the guide's 21 files beside a plain copy of the same bytes, beside a copy
 * through a JSON parser, and beside a Node script that does the same with the library itself; the
 * validation beside reading everything once; and the memory of a whole process that migrates with a
 * heap of 512 MiB.
 *
 * <p>Arguments: documents (default 2,000,000), counted rounds (default 3), documents for Node
 * (default 100,000; 0 leaves Node out).
 */
public final class DocumentBenchmark {

  private static final String BELAY = "Belay, migration";
  private static final String COPY = "plain copy";
  private static final String PARSER = "copy through a JSON parser";
  private static final String VALIDATION = "Belay, validation";
  private static final String READING = "JSON parser, reading only";
  private static final String NODE = "Node, @seald-io/nedb";
  private static final JsonFactory JSON = new JsonFactory();
  private static final int QUESTIONS = 50_000;

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final Map<String, Double> processor = new LinkedHashMap<>();
  private final Path directory;
  private final DocumentWorld world;
  private final long bytes;

  private DocumentBenchmark(Path directory, long documents) throws Exception {
    this.directory = directory;
    this.world = DocumentWorld.ofTheGuide(directory);
    long alive =
        LegacyDocuments.write(world.target.legacy(), documents, 1).values().stream()
            .mapToLong(Long::longValue)
            .sum();
    long sum = 0;
    for (Path file : legacyFiles()) {
      sum += Files.size(file);
    }
    this.bytes = sum;
    System.out.printf(Locale.ROOT, "%n%,d documents, %,d bytes in 21 files%n", alive, bytes);
    world.snapshot();
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 2 && arguments[0].equals("migrate")) {
      migrateOnly(Path.of(arguments[1]));
      return;
    }
    long documents = arguments.length > 0 ? Long.parseLong(arguments[0]) : 2_000_000;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
    long forNode = arguments.length > 2 ? Long.parseLong(arguments[2]) : 100_000;
    Comparison.begin(System.out);
    Path directory = Files.createTempDirectory("belay-benchmark-");
    try {
      DocumentBenchmark large = new DocumentBenchmark(directory.resolve("large"), documents);
      large.memory();
      large.migration(rounds);
      large.validation(rounds);
      FileSystemUtils.deleteRecursively(directory.resolve("large"));
      if (forNode > 0) {
        new DocumentBenchmark(directory.resolve("small"), forNode).besideNode(rounds);
      }
    } finally {
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  private List<Path> legacyFiles() {
    return world.target.collections().stream().map(world.target::legacyFile).toList();
  }

  private void migration(int rounds) throws Exception {
    Comparison comparison =
        new Comparison("Migration")
            .side(BELAY, world::revert, processor(BELAY, world::migrate))
            .side(COPY, processor(COPY, this::copy))
            .side(PARSER, processor(PARSER, () -> parse(true)))
            .run(rounds, System.out);
    comparison.print(PARSER, System.out);
    speed(comparison, BELAY);
    processorBeside(PARSER);
  }

  /** Also counts the process's time on all cores, which others on the machine cannot take away. */
  private Comparison.Work processor(String side, Comparison.Work work) {
    return () -> {
      long begin = SYSTEM.getProcessCpuTime();
      work.run();
      processor.put(side, (SYSTEM.getProcessCpuTime() - begin) / 1e9);
    };
  }

  /** Of the last round. */
  private void processorBeside(String reference) {
    processor.forEach(
        (side, seconds) ->
            System.out.printf(
                Locale.ROOT,
                "processor time, %s: %.2f s, %.2f beside \"%s\"%n",
                side,
                seconds,
                seconds / processor.get(reference),
                reference));
    processor.clear();
  }

  private void speed(Comparison comparison, String side) {
    System.out.printf(
        Locale.ROOT, "%n%s: %.0f MB/s%n", side, bytes / 1e6 / comparison.seconds(side));
  }

  private void validation(int rounds) throws Exception {
    Comparison comparison =
        new Comparison("Validation")
            .side(VALIDATION, processor(VALIDATION, this::validate))
            .side(READING, processor(READING, () -> parse(false)))
            .run(rounds, System.out);
    comparison.print(READING, System.out);
    speed(comparison, VALIDATION);
    processorBeside(READING);
  }

  private void validate() throws IOException {
    if (!world.validate().overall()) {
      throw new IllegalStateException(world.validate().criticalIssues().toString());
    }
  }

  private void copy() throws IOException {
    Path copies = Files.createDirectories(directory.resolve("copies"));
    for (Path file : legacyFiles()) {
      Files.copy(file, copies.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Each token goes through the parser, and where asked for through a generator to disk. */
  private void parse(boolean write) throws IOException {
    Path copies = Files.createDirectories(directory.resolve("copies"));
    for (Path file : legacyFiles()) {
      try (InputStream in = Files.newInputStream(file);
          OutputStream out =
              write
                  ? new BufferedOutputStream(
                      Files.newOutputStream(copies.resolve(file.getFileName())), 1 << 18)
                  : OutputStream.nullOutputStream();
          JsonParser parser = JSON.createParser(in);
          JsonGenerator generator = JSON.createGenerator(out)) {
        generator.setRootValueSeparator(new com.fasterxml.jackson.core.io.SerializedString("\n"));
        while (parser.nextToken() != null) {
          if (write) {
            generator.copyCurrentEvent(parser);
          }
        }
      }
    }
  }

  /** A process of its own, with no more heap than the documents promise. */
  private void memory() throws Exception {
    world.revert();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                DocumentBenchmark.class.getName(),
                "migrate",
                directory.toString())
            .inheritIO()
            .start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException("the process with 512 MiB of heap failed");
    }
  }

  private static void migrateOnly(Path directory) throws Exception {
    Comparison.begin(System.out);
    DocumentWorld world = DocumentWorld.ofTheGuide(directory);
    world.snapshot();
    long begin = System.nanoTime();
    world.migrate();
    double seconds = (System.nanoTime() - begin) / 1e9;
    begin = System.nanoTime();
    boolean right = world.validate().overall();
    double validation = (System.nanoTime() - begin) / 1e9;
    String peak =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmHWM"))
            .findFirst()
            .orElse("VmHWM: unknown")
            .replaceAll("\\s+", " ");
    System.out.printf(
        Locale.ROOT,
        "one migration, cold: %.1f s; its validation: %.1f s, %s; whole process: %s%n",
        seconds,
        validation,
        right ? "right" : "wrong",
        peak);
    queries(world);
    world.revert();
  }

  /** What the indexes of both sides take, and how long one document takes that is asked for. */
  private static void queries(DocumentWorld world) throws IOException {
    QueryAdapter adapter = new QueryAdapter(world.target);
    long before = usedHeap();
    for (QuerySide side : QuerySide.values()) {
      long begin = System.nanoTime();
      SideHealth health = adapter.health(side);
      System.out.printf(
          Locale.ROOT,
          "indexes of the %s side, %,d documents: %.1f s, %,d MiB with those before%n",
          side.text(),
          health.documents(),
          (System.nanoTime() - begin) / 1e9,
          usedHeap() - before >> 20);
    }
    List<String> ids =
        adapter
            .find("users", Find.of(JsonNodeFactory.instance.objectNode().put("limit", 5_000)))
            .value()
            .stream()
            .map(user -> user.get("_id").asText())
            .toList();
    for (QueryMode mode : List.of(QueryMode.LEGACY, QueryMode.HYBRID, QueryMode.NEW)) {
      QuerySettings.of(world.target).set(mode, true, true, 0, "benchmark");
      for (int i = 0; i < QUESTIONS; i++) {
        adapter.byId("users", ids.get(i % ids.size()));
      }
    }
    adapter.statistics().rows().stream()
        .filter(row -> row.calls() >= QUESTIONS)
        .forEach(
            row ->
                System.out.printf(
                    Locale.ROOT,
                    "by _id, mode %s, %s side: P50 %.3f ms, P95 %.3f ms, P99 %.3f ms%n",
                    row.mode().text(),
                    row.side().text(),
                    row.p50Ms(),
                    row.p95Ms(),
                    row.p99Ms()));
  }

  private static long usedHeap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private void besideNode(int rounds) throws Exception {
    try {
      Nedb.require();
    } catch (TestAbortedException notHere) {
      System.out.println(notHere.getMessage());
      return;
    }
    Path copies = directory.resolve("node");
    List<Object> arguments = new ArrayList<>();
    arguments.add(copies);
    arguments.add(copies);
    world.target.admin().forEach(name -> arguments.add("admin:" + name));
    world.target.application().forEach(name -> arguments.add("application:" + name));
    long[] kilobytes = {0};
    new Comparison("Migration of fewer documents")
        .side(BELAY, world::revert, world::migrate)
        .side(
            NODE,
            () -> {
              FileSystemUtils.deleteRecursively(copies);
              Files.createDirectories(copies);
              for (Path file : legacyFiles()) {
                Files.copy(file, copies.resolve(file.getFileName()));
              }
            },
            () -> {
              JsonNode result = Nedb.run("migrate", arguments.toArray());
              kilobytes[0] = result.path("kilobytes").asLong();
            })
        .run(rounds, System.out)
        .print(BELAY, System.out);
    System.out.printf(Locale.ROOT, "%nNode's whole process: %,d kB%n", kilobytes[0]);
  }
}
