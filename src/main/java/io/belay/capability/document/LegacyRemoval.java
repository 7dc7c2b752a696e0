package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.capability.document.SnapshotManifest.Place;
import io.belay.file.PrivateFiles;
import io.belay.step.BusinessStop;
import io.belay.step.StepContext;
import io.belay.step.Verdict;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Removes the legacy files if all conditions hold: this run validated the new files, the snapshot
 * can be read to its end, each legacy file is as in the snapshot, and the new files exist and are
 * readable. Safe to repeat after a kill.
 */
final class LegacyRemoval {

  private final DocumentStoreTarget target;
  private final String documents;
  private final StepContext context;

  private LegacyRemoval(DocumentStoreTarget target, String documents, StepContext context) {
    this.target = target;
    this.documents = documents;
    this.context = context;
  }

  /** Removes the files; returns how many are gone. */
  static int remove(
      DocumentStoreTarget target, String documents, String snapshot, StepContext context)
      throws Exception {
    return new LegacyRemoval(target, documents, context).remove(snapshot);
  }

  private int remove(String id) throws IOException {
    requireValidation();
    Artifact snapshot =
        id.isBlank()
            ? RunSnapshot.require(documents, context)
            : new DocumentSnapshots(context.artifacts())
                .find(target, id)
                .orElseThrow(() -> stop("there is no snapshot '%s' of this store".formatted(id)));
    SnapshotManifest manifest;
    try {
      manifest = new SnapshotReader(context).verify(snapshot);
    } catch (TargetException e) {
      throw new BusinessStop(e.getMessage() + " No legacy file was removed", e);
    }
    List<Place> present = new ArrayList<>();
    int gone = 0;
    for (Place place : SnapshotManifest.places(target)) {
      if (!place.role().equals(SnapshotWriter.LEGACY)) {
        continue;
      }
      String held = RunSnapshot.hash(snapshot, place.role(), place.name());
      Optional<String> now = FileState.of(place.file()).map(FileState::sha256);
      if (now.isPresent() && !now.get().equals(held)) {
        throw stop(
            "%s was changed since the snapshot %s was taken"
                .formatted(place.file(), snapshot.id()));
      }
      if (now.isPresent()) {
        present.add(place);
      }
      gone +=
          manifest.entries().stream().anyMatch(e -> e.present() && e.path().equals(place.path()))
              ? 1
              : 0;
    }
    requireNewFiles();
    for (Place place : present) {
      Files.deleteIfExists(place.file());
      context.log("Removed %s", place.file());
    }
    PrivateFiles.flush(target.legacy());
    return gone;
  }

  private void requireValidation() {
    List<ValidateDocuments.Result> results =
        context.started(ValidateDocuments.class).stream()
            .filter(past -> past.input(ValidateDocuments.Input.class).documents().equals(documents))
            .flatMap(past -> past.result(ValidateDocuments.Result.class).stream())
            .toList();
    if (results.isEmpty() || results.get(results.size() - 1).verdict() != Verdict.PASS) {
      throw stop("this run has not validated the new files with success");
    }
  }

  private void requireNewFiles() throws IOException {
    NedbLine line = new NedbLine();
    for (NewFile store : NewFile.of(target)) {
      if (!Files.exists(store.path())) {
        throw stop("%s is missing".formatted(store.path()));
      }
      NedbFile.read(
          store.path(),
          0,
          null,
          offset -> context.cancellation().throwIfCancelled(),
          (buffer, start, end, offset, number, complete) -> {
            line.parse(buffer, start, end);
            if (line.kind() == NedbLine.Kind.UNREADABLE) {
              throw stop("%s line %d %s".formatted(store.path(), number, line.problem()));
            }
          });
    }
  }

  private static BusinessStop stop(String why) {
    return new BusinessStop(why + ". No legacy file was removed");
  }
}
