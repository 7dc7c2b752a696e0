package io.belay.web;

/** There is no such thing; the message names it. */
class NotFound extends RuntimeException {

  NotFound(String kind, String id) {
    super("There is no %s '%s'.".formatted(kind, id.length() <= 100 ? id : id.substring(0, 100)));
  }
}
