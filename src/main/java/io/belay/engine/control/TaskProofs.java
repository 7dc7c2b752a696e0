package io.belay.engine.control;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.artifact.Artifact;
import io.belay.artifact.ArtifactStore;
import io.belay.engine.control.RunControl.NotPossible;
import io.belay.engine.law.ProofJournal;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.model.Forms;
import io.belay.model.Parameter;
import io.belay.model.Refusal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.impl.cfg.CommandChecker;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.camunda.bpm.engine.impl.interceptor.CommandContext;
import org.camunda.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.camunda.bpm.engine.impl.persistence.entity.TaskEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Files that people upload as the proof of a task, kept as artifacts of its run. Only a task whose
 * form asks for a file takes one, from a person who may work on it at that moment; the last one
 * counts.
 */
@Component
public class TaskProofs {

  /** The largest file, in bytes. */
  public static final int LARGEST = 8 * 1024 * 1024;

  /** Uploads to one task: each stays on the disk. */
  static final int MOST = 20;

  public static final String KIND = "proof";

  /** The file was not kept. */
  static final class ProofRefused extends Refusal {
    private static final long serialVersionUID = 1L;

    ProofRefused(String field, String rule) {
      super("The file was not accepted", List.of(new Problem(field, rule)));
    }
  }

  private final ActingUser acting;
  private final ProcessEngine engine;
  private final Forms forms;
  private final ProofJournal proofs;
  private final ArtifactStore artifacts;
  private final Journal journal;
  private final JdbcTemplate jdbc;
  private final ObjectMapper json;

  TaskProofs(
      ActingUser acting,
      ProcessEngine engine,
      Forms forms,
      ProofJournal proofs,
      ArtifactStore artifacts,
      Journal journal,
      JdbcTemplate jdbc,
      ObjectMapper json) {
    this.acting = acting;
    this.engine = engine;
    this.forms = forms;
    this.proofs = proofs;
    this.artifacts = artifacts;
    this.journal = journal;
    this.jdbc = jdbc;
    this.json = json;
  }

  /**
   * Keeps a file. The same content a second time is the same artifact.
   *
   * @param fileName as the person calls it; only shown, never a path
   * @throws NotPossible when the task is not open any more
   * @throws RunControl.NotAllowed when that person may not work on it
   * @throws Refusal when its form asks for no file, or the file breaks a rule
   */
  public Artifact upload(String taskId, String fileName, byte[] content, String user) {
    return acting.as(
        user,
        () ->
            ((ProcessEngineConfigurationImpl) engine.getProcessEngineConfiguration())
                .getCommandExecutorTxRequired()
                .execute(context -> keep(context, taskId, fileName, content, user)));
  }

  private Artifact keep(
      CommandContext context, String taskId, String fileName, byte[] content, String user) {
    // Whoever completes the task now waits, or was faster: no file comes after the answer.
    boolean open =
        !jdbc.queryForList(
                "SELECT ID_ FROM ACT_RU_TASK WHERE ID_ = ? FOR UPDATE", String.class, taskId)
            .isEmpty();
    TaskEntity task = open ? context.getTaskManager().findTaskById(taskId) : null;
    if (task == null || task.getExecution() == null) {
      throw new NotPossible("task '%s' is not open, or not for %s".formatted(taskId, user));
    }
    for (CommandChecker checker : context.getProcessEngineConfiguration().getCommandCheckers()) {
      checker.checkTaskWork(task);
    }
    ExecutionEntity execution = task.getExecution();
    Forms.Declared form = forms.of(execution, task.getTaskDefinition());
    if (!ProofJournal.takesFiles(task.getTaskDefinition(), form)) {
      throw new ProofRefused(
          "",
          "'%s' is an approval, and takes no file: it is decided on what Belay shows. Upload it to a task before it"
              .formatted(task.getName()));
    }
    Parameter field =
        form.file()
            .orElseThrow(
                () ->
                    new ProofRefused(
                        "", "the form of task '%s' asks for no file".formatted(task.getName())));
    requireWithinLimits(execution, field.name(), content);
    Artifact artifact = write(execution, task.getName(), fileName, content, user);
    touch(task);
    journal.append(
        JournalEntry.of(artifact.runId(), Kind.ARTIFACT, artifact.id())
            .at(execution.getProcessInstanceId(), execution.getActivityId())
            .by(user)
            .with(json.valueToTree(artifact)));
    return artifact;
  }

  /** An answer that is on its way and has not seen the file collides, and is given again. */
  private static void touch(TaskEntity task) {
    long now = System.currentTimeMillis();
    Date last = task.getLastUpdated();
    task.setLastUpdated(new Date(last == null ? now : Math.max(now, last.getTime() + 1)));
  }

  private void requireWithinLimits(ExecutionEntity execution, String field, byte[] content) {
    if (content.length == 0) {
      throw new ProofRefused(field, "must not be empty");
    }
    if (content.length > LARGEST) {
      throw new ProofRefused(field, "must have at most %,d bytes".formatted(LARGEST));
    }
    if (proofs.of(execution).size() >= MOST) {
      throw new ProofRefused(field, "was uploaded %d times, which is the most".formatted(MOST));
    }
  }

  private Artifact write(
      ExecutionEntity execution, String task, String fileName, byte[] content, String user) {
    String sha256 = sha256(content);
    try {
      return artifacts.write(
          execution.getRootProcessInstanceId(),
          ProofJournal.name(execution, sha256),
          KIND,
          out -> {
            out.write(content);
            return Map.of(
                "task", task, "fileName", fileName, "uploadedBy", user, "contentSha256", sha256);
          });
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("the proof of task '%s' was not kept".formatted(task), e);
    }
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
