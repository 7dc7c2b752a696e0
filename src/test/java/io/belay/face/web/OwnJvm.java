package io.belay.face.web;

/**
 * The tag of a {@link WebTest} whose Belay differs from the one that the others share: by models,
 * environments or beans of its own. engine-rest finds its engine by a static name, so a second
 * Belay in the same JVM would answer the requests to the first. Such tests get a JVM of their own.
 */
final class OwnJvm {

  static final String TAG = "own-jvm";

  private OwnJvm() {}
}
