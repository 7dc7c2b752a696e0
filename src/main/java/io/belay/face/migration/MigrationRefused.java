package io.belay.face.migration;

import org.springframework.http.HttpStatus;

/** A call is not possible; the message says why. Nothing was changed. */
class MigrationRefused extends RuntimeException {

  private final HttpStatus status;

  private MigrationRefused(HttpStatus status, String message) {
    super(message);
    this.status = status;
  }

  static MigrationRefused notFound(String message) {
    return new MigrationRefused(HttpStatus.NOT_FOUND, message);
  }

  static MigrationRefused conflict(String message) {
    return new MigrationRefused(HttpStatus.CONFLICT, message);
  }

  HttpStatus status() {
    return status;
  }
}
