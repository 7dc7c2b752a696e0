package io.belay.document;

import io.belay.target.DocumentStoreTarget;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** One {@link QueryAdapter} for each store of this node, so that indexes and figures are shared. */
@Component
public class QueryAdapters {

  private final Map<DocumentStoreTarget, QueryAdapter> adapters = new ConcurrentHashMap<>();

  /**
   * Targets with other settings (other directories, other collections) have an adapter of their
   * own.
   */
  public QueryAdapter of(DocumentStoreTarget target) {
    return adapters.computeIfAbsent(target, QueryAdapter::new);
  }
}
