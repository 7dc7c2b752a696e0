package io.belay.face.web;

/** What was asked for does not exist; the message names it. */
class NotFound extends RuntimeException {

  NotFound(String kind, String id) {
    super("There is no %s '%s'.".formatted(kind, id.length() <= 100 ? id : id.substring(0, 100)));
  }
}
