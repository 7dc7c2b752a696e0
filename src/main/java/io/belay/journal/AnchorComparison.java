package io.belay.journal;

import io.belay.journal.JournalAnchor.Anchored;
import io.belay.journal.JournalAnchor.Break;
import io.belay.journal.JournalAnchor.Link;
import io.belay.journal.JournalChain.Anchor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.lang.Nullable;

/**
 * Compares the journal's chain with what is anchored of it. The name that the database gives to its
 * journal chooses no evidence: the chain must hold every link that an anchor in the directory
 * holds.
 */
final class AnchorComparison {

  private static final Logger log = LoggerFactory.getLogger(AnchorComparison.class);

  private final JdbcTemplate jdbc;
  private final JournalAnchor anchor;

  AnchorComparison(JdbcTemplate jdbc, JournalAnchor anchor) {
    this.jdbc = jdbc;
    this.anchor = anchor;
  }

  /**
   * Before more is linked, checks that the anchored link is there; otherwise permanently records
   * that it is not.
   */
  void beforeMoreIsLinked(String journal, Link end) {
    try {
      anchor
          .read(journal)
          .ifPresent(
              anchored -> {
                String found = hashOf(anchored.last().seq());
                if (!anchored.last().hash().equals(found)) {
                  log.error("The journal was changed: {}", describe(anchored.last(), found));
                  anchor.broken(anchored, found, end);
                }
              });
    } catch (JournalAnchor.Unreadable e) {
      log.error("The journal's anchor proves nothing: {}", e.getMessage());
    }
  }

  /**
   * What a chain without a name was anchored under: it holds links of these anchors, so it had
   * their names. An anchor that it does not hold needs no note: each check reports that one.
   */
  List<Break> removedNames() {
    List<Break> removed = new ArrayList<>();
    for (String other : anchor.others(null)) {
      try {
        anchor
            .read(other)
            .filter(Anchored::advanced)
            .map(Anchored::last)
            .filter(last -> last.hash().equals(hashOf(last.seq())))
            .ifPresent(last -> removed.add(new Break(last, last.hash(), Instant.now())));
      } catch (JournalAnchor.Unreadable e) {
        log.error("An anchor proves nothing: {}", e.getMessage());
      }
    }
    removed.forEach(one -> log.error("{}", describe(one.anchored(), one.found())));
    return List.copyOf(removed);
  }

  /**
   * Reports where the chain is not what was anchored.
   *
   * @param journal the name in the database; null before anything was linked, or when somebody
   *     removed it
   * @return what is anchored under that name
   */
  @Nullable
  Anchor check(@Nullable String journal, Consumer<String> problems) {
    Anchor own = null;
    if (journal != null) {
      own = compare(journal, problems);
    } else {
      removedNames().forEach(one -> problems.accept(describe(one.anchored(), one.found())));
    }
    for (String other : anchor.others(journal)) {
      compare(other, problem -> problems.accept(problem + " (anchor %s)".formatted(other)));
    }
    return own;
  }

  private Anchor compare(String journal, Consumer<String> problems) {
    Optional<Anchored> found;
    try {
      found = anchor.read(journal);
    } catch (JournalAnchor.Unreadable e) {
      problems.accept("the anchor proves nothing: " + e.getMessage());
      return null;
    }
    if (found.isEmpty()) {
      problems.accept("the anchor of this journal (%s) is gone".formatted(journal));
      return null;
    }
    Anchored anchored = found.get();
    for (Break broken : anchored.breaks()) {
      problems.accept(
          "%s (noticed at %s)".formatted(describe(broken.anchored(), broken.found()), broken.at()));
    }
    String hash = hashOf(anchored.last().seq());
    if (!anchored.last().hash().equals(hash)) {
      problems.accept(describe(anchored.last(), hash));
    }
    return new Anchor(
        anchored.since().seq(), anchored.sinceAt(), anchored.last().seq(), anchored.lastAt());
  }

  /** The hash of that link; null when the chain has no such link. */
  private String hashOf(long seq) {
    return seq == 0
        ? JournalChain.GENESIS
        : jdbc
            .queryForList("SELECT hash FROM belay_journal_seal WHERE seq = ?", String.class, seq)
            .stream()
            .findFirst()
            .orElse(null);
  }

  private static String describe(Link anchored, String found) {
    if (anchored.hash().equals(found)) {
      return "the journal's name was removed after link %d was anchored".formatted(anchored.seq());
    }
    return found == null
        ? "the chain was anchored up to link %d, but that link is gone: entries at the end were removed"
            .formatted(anchored.seq())
        : "link %d is not the one that was anchored: entries before it were changed and linked again"
            .formatted(anchored.seq());
  }
}
