package io.belay.capability.document;

import io.belay.target.FileFacts;
import io.belay.target.SettingRules;
import io.belay.target.TargetType;
import java.io.IOException;
import java.util.SortedMap;
import org.springframework.stereotype.Component;

/** {@code type: document-store}. Its identity is device and inode of its directories. */
@Component
final class DocumentStoreTargetType implements TargetType<DocumentStoreTarget> {

  @Override
  public String name() {
    return "document-store";
  }

  @Override
  public Class<DocumentStoreTarget> settings() {
    return DocumentStoreTarget.class;
  }

  @Override
  public void check(DocumentStoreTarget store, SettingRules rules) {
    new DocumentStoreRules(store, rules).check();
  }

  @Override
  public SortedMap<String, String> identify(DocumentStoreTarget store) throws IOException {
    return new FileFacts()
        .directory("legacy", store.legacy())
        .directory("store", store.store())
        .all();
  }
}
