package io.belay.face.migration;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.capability.document.QueryAdapters;
import io.belay.capability.document.QueryMode;
import io.belay.capability.document.QuerySetting;
import io.belay.capability.document.QuerySettings;
import io.belay.face.migration.MigrationStores.Store;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.target.Leases;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Changes how queries are answered, outside a run: under a lease of its own, so that no run works
 * on the store meanwhile, and with a fencing number above any earlier run's. All or nothing, except
 * the file itself, which is written last.
 */
@Component
class QueryModes {

  private final QueryAdapters adapters;
  private final Leases leases;
  private final Journal journal;
  private final ObjectMapper json;
  private final TransactionTemplate transaction;

  QueryModes(
      QueryAdapters adapters,
      Leases leases,
      Journal journal,
      ObjectMapper json,
      PlatformTransactionManager transactions) {
    this.adapters = adapters;
    this.leases = leases;
    this.journal = journal;
    this.json = json;
    this.transaction = new TransactionTemplate(transactions);
  }

  /**
   * @throws io.belay.target.TargetHeld when a run holds the store
   * @throws io.belay.target.TargetException when a side would answer alone that cannot
   */
  QuerySetting set(Store store, QueryMode mode, boolean preferNew, boolean fallback, String user)
      throws IOException {
    adapters.of(store.target()).requireAnswers(mode, preferNew, fallback);
    String holder = "query-mode-" + UUID.randomUUID();
    transaction.executeWithoutResult(
        status -> {
          long fence =
              leases.acquire(store.environment(), List.of(store.name()), holder, "query mode");
          journal.append(
              JournalEntry.of(
                      CallJournal.CALLS,
                      Kind.QUERY_MODE,
                      "%s: %s".formatted(store.environment().name(), mode.text()))
                  .by(user)
                  .with(
                      json.valueToTree(
                          Map.of(
                              "mode", mode.text(), "preferNew", preferNew, "fallback", fallback))));
          leases.release(holder);
          write(store, mode, preferNew, fallback, fence, user);
        });
    return adapters.of(store.target()).setting();
  }

  private static void write(
      Store store, QueryMode mode, boolean preferNew, boolean fallback, long fence, String user) {
    try {
      QuerySettings.of(store.target()).set(mode, preferNew, fallback, fence, user);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
