package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.belay.capability.notify.WebhookTarget;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import liquibase.integration.spring.SpringLiquibase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What leases promise, on every database that the engine may use. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class LeasesContract {

  private static final List<String> BOTH = List.of("database", "cache");

  private final HikariDataSource dataSource = new HikariDataSource();
  private Leases leases;
  private TransactionTemplate transaction;

  abstract String url() throws Exception;

  @BeforeAll
  void migrate() throws Exception {
    dataSource.setJdbcUrl(url());
    dataSource.setMaximumPoolSize(5); // fewer than the threads that race
    SpringLiquibase liquibase = new SpringLiquibase();
    liquibase.setDataSource(dataSource);
    liquibase.setChangeLog("classpath:/db/changelog/db.changelog-master.yaml");
    liquibase.setResourceLoader(new DefaultResourceLoader());
    liquibase.afterPropertiesSet();
    JdbcTransactionManager transactions = new JdbcTransactionManager(dataSource);
    leases = new Leases(dataSource, transactions);
    transaction = new TransactionTemplate(transactions);
  }

  @AfterAll
  void close() {
    dataSource.close();
  }

  @BeforeEach
  void empty() throws Exception {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DELETE FROM belay_lease");
    }
  }

  private Environment environment(String name, String host, String database) {
    Map<String, Target> targets = new LinkedHashMap<>();
    Duration second = Duration.ofSeconds(1);
    targets.put(
        "database",
        new PostgresTarget(
            host, 5432, database, "app", Secret.none(), 12, null, second, second, RestoreWay.AUTO));
    targets.put("cache", new RedisTarget(host, 6379, "", Secret.none(), 5, second));
    targets.put("notifications", new WebhookTarget(Secret.of("https://hook"), second, null, false));
    return new Environment(name, "", targets);
  }

  private final Environment production = environment("production", "localhost", "shop");

  @Test
  void attemptsOfARun_getGrowingNumbers_belowThoseOfTheNextRun() {
    long acquired = leases.acquire(production, BOTH, "id-1", "first");
    long first = leases.advance("id-1");
    long second = leases.advance("id-1");
    assertThat(first).isGreaterThan(acquired);
    assertThat(second).isGreaterThan(first).isEqualTo(leases.fence("id-1"));
    assertThat(leases.fence("id-1")).isGreaterThanOrEqualTo(acquired);

    leases.release("id-1");
    assertThat(leases.advance("id-1")).isZero();
    assertThat(leases.acquire(production, BOTH, "id-2", "second")).isGreaterThan(second);
  }

  @Test
  void heldTarget_refusesAnotherRun_namingEnvironmentTargetAndHolder() {
    leases.acquire(production, BOTH, "id-1", "night shift");

    assertThatThrownBy(() -> leases.acquire(production, List.of("cache"), "id-2", "other"))
        .isInstanceOf(TargetHeld.class)
        .hasMessageContainingAll("'cache'", "'production'", "'night shift'", "id-1");
  }

  @Test
  void sameSystemUnderAnotherName_isTheSameTarget() {
    leases.acquire(production, BOTH, "id-1", "night shift");
    Environment copy = environment("copy", "127.0.0.1", "shop");

    assertThatThrownBy(() -> leases.acquire(copy, List.of("database"), "id-2", "other"))
        .isInstanceOf(TargetHeld.class)
        .hasMessageContainingAll("environment 'copy'", "environment 'production'");
    assertThat(leases.holder(copy.targets().get("database")).orElseThrow().runName())
        .isEqualTo("night shift");
  }

  @Test
  void refusal_takesNoneOfTheTargets() {
    leases.acquire(production, List.of("database"), "id-1", "first");

    assertThatThrownBy(() -> leases.acquire(production, BOTH, "id-2", "second"))
        .isInstanceOf(TargetHeld.class);
    assertThat(leases.holder(production.targets().get("cache"))).isEmpty();
    assertThat(leases.release("id-2")).isZero();
  }

  @Test
  void fence_growsAcrossReleases_andIsKeptByItsHolder() {
    long first = leases.acquire(production, BOTH, "id-1", "first");
    assertThat(leases.acquire(production, BOTH, "id-1", "first")).isEqualTo(first);
    assertThat(leases.release("id-1")).isEqualTo(2);
    assertThat(leases.release("id-1")).isZero();
    assertThat(leases.fence("id-1")).isLessThan(first);

    long second = leases.acquire(production, List.of("cache"), "id-2", "second");
    leases.release("id-2");
    long third = leases.acquire(production, BOTH, "id-3", "third");

    assertThat(second).isGreaterThan(first);
    assertThat(third).isGreaterThan(second);
    assertThat(leases.fence("id-3")).isGreaterThanOrEqualTo(third);
    assertThat(leases.holder(production.targets().get("database")).orElseThrow().fence())
        .isEqualTo(third);
  }

  @Test
  void targetsThatAreNoSystems_areHeldByNobody() {
    assertThat(leases.acquire(production, List.of("notifications"), "id-1", "first")).isZero();
    leases.acquire(production, List.of("notifications"), "id-2", "second");
    assertThat(leases.holder(production.targets().get("notifications"))).isEmpty();
  }

  @Test
  void unknownTarget_isNamed() {
    assertThatThrownBy(() -> leases.acquire(production, List.of("queue"), "id-1", "first"))
        .isInstanceOf(TargetException.class)
        .hasMessageContaining("no target 'queue'");
  }

  @Test
  void callersRollback_givesEverythingBack() {
    transaction.executeWithoutResult(
        status -> {
          leases.acquire(production, BOTH, "id-1", "first");
          status.setRollbackOnly();
        });
    assertThat(leases.holder(production.targets().get("database"))).isEmpty();

    leases.acquire(production, BOTH, "id-2", "second");
    transaction.executeWithoutResult(
        status -> {
          leases.release("id-2");
          status.setRollbackOnly();
        });
    assertThat(leases.holder(production.targets().get("database"))).isPresent();
  }

  @Test
  void twentyRuns_raceForNewTargets_andOneWins() throws Exception {
    List<Callable<Boolean>> runs = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String id = "id-" + i;
      List<String> order = i % 2 == 0 ? BOTH : List.of("cache", "database");
      runs.add(() -> acquires(id, order));
    }
    assertThat(race(runs)).filteredOn(won -> won).hasSize(1);
  }

  @Test
  void runsThatTakeAndRelease_neverOverlap_andNeverShareAFence() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    List<Long> fences = new ArrayList<>();
    List<Callable<Boolean>> runs = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String id = "id-" + i;
      runs.add(
          () -> {
            boolean done = false;
            while (!done) {
              try {
                long fence = leases.acquire(production, BOTH, id, id);
                assertThat(inside.incrementAndGet()).isEqualTo(1);
                fences.add(fence);
                inside.decrementAndGet();
                leases.release(id);
                done = true;
              } catch (TargetHeld e) {
                Thread.onSpinWait();
              }
            }
            return true;
          });
    }
    assertThat(race(runs)).hasSize(20);
    assertThat(fences).hasSize(20).doesNotHaveDuplicates().isSorted();
  }

  private boolean acquires(String id, List<String> targets) {
    try {
      leases.acquire(production, targets, id, id);
      return true;
    } catch (TargetHeld e) {
      return false;
    }
  }

  private static List<Boolean> race(List<Callable<Boolean>> runs) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(runs.size());
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<Boolean>> futures = new ArrayList<>();
      for (Callable<Boolean> run : runs) {
        futures.add(
            threads.submit(
                () -> {
                  start.await();
                  return run.call();
                }));
      }
      start.countDown();
      List<Boolean> results = new ArrayList<>();
      for (Future<Boolean> future : futures) {
        results.add(future.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }
}
