package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.TransactionSystemException;

class DatabaseOutageTest {

  private static boolean caused(SQLException failure) {
    return DatabaseOutage.caused(new IllegalStateException("wrapped", failure));
  }

  @Test
  void brokenConnection_orServerThatStopsOrStarts_isAnOutage() {
    assertThat(caused(new SQLException("I/O error", "08006"))).isTrue();
    assertThat(caused(new SQLException("administrator command", "57P01"))).isTrue();
    assertThat(caused(new SQLException("starting up", "57P03"))).isTrue();
    assertThat(caused(new SQLTransientConnectionException("no connection in time"))).isTrue();
  }

  @Test
  void rollbackThatFailsToo_isAnOutage_ifWhatItHidesIsOne() {
    SQLException closed = new SQLException("Connection is closed");
    TransactionSystemException rollback = new TransactionSystemException("rollback", closed);
    assertThat(DatabaseOutage.caused(rollback)).isFalse();
    rollback.initApplicationException(new SQLException("I/O error", "08006"));
    assertThat(DatabaseOutage.caused(new IllegalStateException(rollback))).isTrue();
  }

  @Test
  void otherFailures_areNone() {
    assertThat(caused(new SQLException("duplicate key", "23505"))).isFalse();
    assertThat(caused(new SQLException("cancelled", "57014"))).isFalse();
    assertThat(DatabaseOutage.caused(new IllegalStateException("a mistake"))).isFalse();
  }
}
