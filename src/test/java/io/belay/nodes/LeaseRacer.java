package io.belay.nodes;

import com.zaxxer.hikari.HikariDataSource;
import io.belay.target.Environment;
import io.belay.target.Leases;
import io.belay.target.RedisTarget;
import io.belay.target.Secret;
import io.belay.target.TargetException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * A node that takes and gives back the same target again and again, as runs on it would, and checks
 * at the target itself that nobody else is there and that nobody with a higher fence was: {@code
 * LeaseRacer <database> <name> <times>}. Ends with 1 when that was ever otherwise.
 */
public final class LeaseRacer {

  private LeaseRacer() {}

  public static void main(String[] args) throws Exception {
    int wanted = Integer.parseInt(args[2]);
    try (HikariDataSource database = new HikariDataSource()) {
      database.setJdbcUrl(args[0]);
      database.setMaximumPoolSize(2);
      database.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
      Leases leases = new Leases(database, new JdbcTransactionManager(database));
      JdbcTemplate target = new JdbcTemplate(database);
      Environment environment =
          new Environment(
              "raced",
              "",
              Map.of(
                  "cache",
                  new RedisTarget("localhost", 6379, "", Secret.none(), 5, Duration.ofSeconds(1))));
      int held = 0;
      for (int won = 0; won < wanted; ) {
        String run = args[1] + "-" + won;
        try {
          enterAndLeave(target, leases.acquire(environment, List.of("cache"), run, run), run);
          leases.release(run);
          won++;
        } catch (TargetException heldByTheOther) {
          held++;
        }
      }
      System.out.println(args[1] + " held it " + wanted + " times, found it held " + held);
    }
  }

  private static void enterAndLeave(JdbcTemplate target, long fence, String run) {
    if (target.update(
            "UPDATE raced_target SET holder = ?, fence = ?, entered = entered + 1"
                + " WHERE holder IS NULL AND fence < ?",
            run,
            fence,
            fence)
        != 1) {
      System.out.println(run + " with " + fence + ": " + target.queryForMap("TABLE raced_target"));
      Runtime.getRuntime().halt(1);
    }
    if (target.update("UPDATE raced_target SET holder = NULL WHERE holder = ?", run) != 1) {
      System.out.println(run + " was pushed aside");
      Runtime.getRuntime().halt(1);
    }
  }
}
