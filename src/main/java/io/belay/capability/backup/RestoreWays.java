package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.target.PostgresTarget;
import io.belay.target.RestoreWay;
import io.belay.target.TargetException;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Decides how a database is restored from its backup. The decision is made when the backup is taken
 * and recorded in its manifest: the verification checks that way, the rehearsal rehearses it, the
 * restore takes it or refuses. Only a person changes it, by the target's {@code restore}.
 */
@Component
class RestoreWays {

  private final BesideObstacles beside;
  private final InPlaceObstacles inPlace;

  RestoreWays(BesideObstacles beside, InPlaceObstacles inPlace) {
    this.beside = beside;
    this.inPlace = inPlace;
  }

  /**
   * @param why for people
   */
  record Choice(RestoreWay way, String why) {

    /** For people: {@code side by side} or {@code in place}. */
    String words() {
      return words(way);
    }

    private static String words(RestoreWay way) {
      return way == RestoreWay.BESIDE ? "side by side" : "in place";
    }
  }

  /** The way for a backup that is taken now. */
  Choice choose(PostgresTarget database) {
    if (database.restore() != RestoreWay.AUTO) {
      return new Choice(database.restore(), "'restore' of the target says so");
    }
    List<String> obstacles = beside.all(database);
    return obstacles.isEmpty()
        ? new Choice(RestoreWay.BESIDE, "the login has the rights for it")
        : new Choice(RestoreWay.IN_PLACE, "side by side is not possible: " + obstacles.get(0));
  }

  /** The way for an existing backup. */
  Choice of(Artifact backup, PostgresTarget database) {
    RestoreWay kept = PostgresManifest.of(backup).way();
    if (kept == RestoreWay.AUTO) { // the manifest of an older Belay does not say
      return choose(database);
    }
    if (database.restore() != RestoreWay.AUTO && database.restore() != kept) {
      return new Choice(
          database.restore(),
          "'restore' of the target says so now; the backup was taken for a restore "
              + Choice.words(kept));
    }
    return new Choice(
        kept, backup.details().getOrDefault(PostgresManifest.WHY, "the backup says so"));
  }

  /** What would make a restore fail now, each with its remedy, for people. */
  List<String> obstacles(RestoreWay way, PostgresTarget database) {
    return way == RestoreWay.BESIDE ? beside.all(database) : inPlace.all(database);
  }

  /**
   * @throws TargetException when a restore in that way is not possible now; nothing was changed
   */
  void requirePossible(Choice choice, PostgresTarget database) {
    List<String> obstacles = obstacles(choice.way(), database);
    if (!obstacles.isEmpty()) {
      RestoreWay other =
          choice.way() == RestoreWay.BESIDE ? RestoreWay.IN_PLACE : RestoreWay.BESIDE;
      throw new TargetException(
          "%s cannot be restored %s (%s): %s. Nothing was changed. Remove the obstacle and retry; or set 'restore' of the target to '%s', a way that was not rehearsed, and retry"
              .formatted(
                  database.describe(),
                  choice.words(),
                  choice.why(),
                  String.join("; ", obstacles),
                  other == RestoreWay.BESIDE ? "beside" : "in-place"));
    }
  }
}
