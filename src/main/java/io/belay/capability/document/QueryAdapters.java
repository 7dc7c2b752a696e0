package io.belay.capability.document;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** One {@link QueryAdapter} per store of this node, so that indexes and statistics are shared. */
@Component
public class QueryAdapters {

  private final Map<DocumentStoreTarget, QueryAdapter> adapters = new ConcurrentHashMap<>();

  /**
   * The adapter of a target; targets with other settings (directories, collections) have their own.
   */
  public QueryAdapter of(DocumentStoreTarget target) {
    return adapters.computeIfAbsent(target, QueryAdapter::new);
  }
}
