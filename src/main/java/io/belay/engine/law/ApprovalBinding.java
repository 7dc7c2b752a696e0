package io.belay.engine.law;

import static io.belay.model.Unchecked.withoutAuthorization;

import com.fasterxml.jackson.databind.JsonNode;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.journal.RunRecords;
import io.belay.journal.RunRecords.RunRecord;
import io.belay.step.RunTargets;
import io.belay.target.Command;
import io.belay.target.Environment;
import io.belay.target.Environments;
import io.belay.target.ReadFiles;
import io.belay.target.Secret;
import io.belay.target.Target;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.camunda.bpm.engine.impl.interceptor.CommandContext;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * The hash that an approval is bound to: over the models that the run was started with, its
 * parameters as they are now, the targets, and the content of the files that instructions and
 * protected targets read. A change of any of them after the approval changes the hash. A file over
 * 64 MB counts by its size and modification time.
 *
 * <p>A target counts by its address; a protected target, a migration and a command by all settings
 * and the content of the files that they read ({@link ReadFiles}). Passwords and durations never
 * count: they may be corrected while a run waits. Whenever a person accepts another system as a
 * protected target, the hash changes, though the address may be the same.
 */
@Component
public class ApprovalBinding {

  /** Field of a journal entry's payload that holds the hash. */
  static final String FIELD = "boundTo";

  private static final int SHORT = 12;

  private final Journal journal;
  private final RunRecords runs;
  private final Environments environments;
  private final ObjectProvider<ProcessEngine> engine;

  ApprovalBinding(
      Journal journal,
      RunRecords runs,
      Environments environments,
      ObjectProvider<ProcessEngine> engine) {
    this.journal = journal;
    this.runs = runs;
    this.environments = environments;
    this.engine = engine;
  }

  /** The part of a hash that people read. */
  static String brief(String hash) {
    return hash.substring(0, Math.min(SHORT, hash.length()));
  }

  /** The current hash, in hexadecimal digits. */
  String of(String runId) {
    RunRecord run = runs.find(runId).orElseThrow();
    Map<String, String> bound = new TreeMap<>();
    noted(deployment(run), Kind.MODELS_DEPLOYED)
        .properties()
        .forEach(model -> bound.put("model " + model.getKey(), model.getValue().asText()));
    parameters(runId).forEach((name, value) -> bound.put("parameter " + name, value));
    Environment environment = environments.load(run.environment());
    environment
        .targets()
        .forEach(
            (name, target) -> bound.put("target " + name, settings(environment, name, target)));
    journal.entries(runId, Kind.TARGET_ACCEPTED).stream()
        .filter(entry -> RunTargets.accepted(entry).map(environment::isProtected).orElse(true))
        .forEach(entry -> bound.put("accepted " + entry.id(), "" + entry.text()));
    return hash(bound);
  }

  private JsonNode noted(String id, Kind kind) {
    return journal
        .last(id, kind)
        .map(JournalEntry::payload)
        .orElseThrow(
            () -> new IllegalStateException("the journal has no %s of %s".formatted(kind, id)));
  }

  private String deployment(RunRecord run) {
    return inEngine(
        context ->
            configuration()
                .getDeploymentCache()
                .findDeployedProcessDefinitionById(run.definitionId())
                .getDeploymentId());
  }

  private Map<String, String> parameters(String runId) {
    JsonNode given = noted(runId, Kind.RUN_STARTED);
    return inEngine(
        context -> {
          var root = context.getExecutionManager().findExecutionById(runId);
          Map<String, String> values = new TreeMap<>();
          given
              .fieldNames()
              .forEachRemaining(name -> values.put(name, String.valueOf(root.getVariable(name))));
          return values;
        });
  }

  private <T> T inEngine(Function<CommandContext, T> read) {
    return configuration()
        .getCommandExecutorTxRequired()
        .execute(context -> withoutAuthorization(() -> read.apply(context)));
  }

  private ProcessEngineConfigurationImpl configuration() {
    return (ProcessEngineConfigurationImpl) engine.getObject().getProcessEngineConfiguration();
  }

  private static String settings(Environment environment, String name, Target target) {
    return target.getClass().getSimpleName()
        + (environment.isProtected(name) ? " protected " : " ")
        + (isBoundWhole(environment, name)
            ? text(target) + ReadFiles.of(target)
            : target.address().orElse(""));
  }

  private static boolean isBoundWhole(Environment environment, String name) {
    return environment.isProtected(name) || environment.targets().get(name).isInstruction();
  }

  /** The files to whose content an approval is bound, by absolute path, as they are now. */
  public static SortedMap<String, String> files(Environment environment) {
    SortedMap<String, String> files = new TreeMap<>();
    environment.targets().keySet().stream()
        .filter(name -> isBoundWhole(environment, name))
        .forEach(name -> files.putAll(ReadFiles.of(environment.targets().get(name))));
    return files;
  }

  /** Equal settings give equal text; secrets and durations are left out. */
  private static String text(Object value) {
    if (value == null || value instanceof Secret || value instanceof Duration) {
      return "";
    }
    if (value instanceof Command command) {
      return command.arguments() + " in " + command.directory() + " reading " + command.reads();
    }
    if (value instanceof List<?> list) {
      return list.stream().map(ApprovalBinding::text).toList().toString();
    }
    if (!(value instanceof Record record)) {
      return value.toString();
    }
    Map<String, String> settings = new TreeMap<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      try {
        settings.put(component.getName(), text(component.getAccessor().invoke(record)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
    return settings.toString();
  }

  private static String hash(Map<String, String> bound) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      bound.forEach(
          (name, value) -> {
            digest.update((name.length() + ":" + name).getBytes(StandardCharsets.UTF_8));
            digest.update((value.length() + ":" + value).getBytes(StandardCharsets.UTF_8));
          });
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
