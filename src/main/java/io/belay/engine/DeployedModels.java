package io.belay.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.engine.law.RunJournal;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import org.camunda.bpm.engine.impl.persistence.entity.DeploymentEntity;
import org.camunda.bpm.engine.impl.persistence.entity.ResourceEntity;
import org.springframework.stereotype.Component;

/**
 * Records the SHA-256 of each deployed model in the journal. The engine keeps models as bytes in
 * its database and reads them again after each start; a model changed there has passed no lint, and
 * no run may follow it.
 */
@Component
class DeployedModels {

  private final Journal journal;
  private final ObjectMapper json;

  DeployedModels(Journal journal, ObjectMapper json) {
    this.journal = journal;
    this.json = json;
  }

  /** Records the models of a new deployment, in the engine's transaction. */
  void note(DeploymentEntity deployment) {
    ObjectNode hashes = json.createObjectNode();
    deployment.getResources().forEach((name, model) -> hashes.put(name, hash(model)));
    journal.append(
        JournalEntry.of(
                deployment.getId(), Kind.MODELS_DEPLOYED, hashes.size() + " models were deployed")
            .with(hashes)
            .by(RunJournal.currentUser()));
  }

  /**
   * @throws ModelChanged when a model that the engine has just read differs from the recorded one
   */
  void requireUnchanged(DeploymentEntity deployment) {
    JsonNode noted =
        journal
            .last(deployment.getId(), Kind.MODELS_DEPLOYED)
            .map(JournalEntry::payload)
            .orElseGet(json::createObjectNode);
    deployment.getResources().values().stream()
        .filter(Objects::nonNull)
        .forEach(
            model -> {
              if (!hash(model).equals(noted.path(model.getName()).asText())) {
                throw new ModelChanged(model.getName(), deployment.getId());
              }
            });
  }

  private static String hash(ResourceEntity model) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(model.getBytes());
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
