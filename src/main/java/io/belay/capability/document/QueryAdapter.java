package io.belay.capability.document;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.capability.document.LateWrites.LateWrite;
import io.belay.capability.document.QueryStatistics.Outcome;
import io.belay.capability.document.query.Deadline;
import io.belay.capability.document.query.Deadline.QueryTooSlow;
import io.belay.capability.document.query.Find;
import io.belay.capability.document.query.InvalidQuery;
import io.belay.capability.document.query.Query;
import io.belay.target.TargetException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Answers queries on a store while it moves: from the legacy files, from the new ones, or from one
 * side with the other as fallback. Documents from both sides look as they did in the legacy files.
 * Reads only; thread-safe.
 *
 * <p>In hybrid mode, a side that never had a document of the collection is not asked. The other
 * side is asked when the first fails or finds nothing, and then only for documents unknown to the
 * first: what was deleted or changed there stays so.
 */
public final class QueryAdapter {

  private static final Duration TIME = Duration.ofSeconds(20);
  private static final Predicate<ObjectNode> ANY = document -> true;

  /**
   * @param side that answered
   * @param fellBack whether the other side had been asked first
   */
  public record Answer<T>(T value, QuerySide side, boolean fellBack) {}

  private final DocumentStoreTarget target;
  private final QuerySettings settings;
  private final BothSides sides;
  private final QueryStatistics statistics = new QueryStatistics();

  public QueryAdapter(DocumentStoreTarget target) {
    this.target = target;
    this.settings = QuerySettings.of(target);
    this.sides = new BothSides(target);
  }

  /** A query as it is put to a side, and its answer when nothing is found. */
  private record Question<T>(String collection, boolean byId, T nothing, Ask<T> ask) {}

  private interface Ask<T> {
    T of(DocumentScan scan, Predicate<ObjectNode> wanted) throws IOException;
  }

  /**
   * The document with that {@code _id}, as a list of one or none.
   *
   * @throws UnknownCollection when the store has none of that name
   * @throws IOException when no side that may answer can be read
   */
  public Answer<List<ObjectNode>> byId(String collection, String id) throws IOException {
    return answer(
        new Question<>(
            collection,
            true,
            List.of(),
            (scan, wanted) -> scan.byId(id).filter(wanted).stream().toList()));
  }

  /**
   * @throws InvalidQuery when the answer would be too large
   * @throws QueryTooSlow when it takes more than 20 s
   */
  public Answer<List<ObjectNode>> find(String collection, Find find) throws IOException {
    return answer(
        new Question<>(collection, false, List.of(), (scan, wanted) -> scan.find(find, wanted)));
  }

  public Answer<Long> count(String collection, Query query) throws IOException {
    return answer(
        new Question<>(collection, false, 0L, (scan, wanted) -> scan.count(query, wanted)));
  }

  private <T> Answer<T> answer(Question<T> question) throws IOException {
    requireCollection(question.collection());
    boolean answered = false;
    boolean fellBack = false;
    boolean found = false;
    try {
      Answer<T> answer = route(question, settings.current());
      answered = true;
      fellBack = answer.fellBack();
      found = !question.nothing().equals(answer.value());
      return answer;
    } catch (InvalidQuery | QueryTooSlow refused) {
      answered = true;
      throw refused;
    } finally {
      statistics.total(question.byId(), answered, fellBack, found);
    }
  }

  private <T> Answer<T> route(Question<T> question, QuerySetting setting) throws IOException {
    QuerySide first = setting.first();
    QuerySide other = first.other();
    if (!setting.fallsBack()) {
      return new Answer<>(ask(setting, first, question, false, ANY), first, false);
    }
    String collection = question.collection();
    if (!sides.haveData(first, collection)) {
      QuerySide holder = sides.haveData(other, collection) ? other : first;
      boolean instead = holder == other && first == QuerySide.NEW;
      return new Answer<>(ask(setting, holder, question, instead, ANY), holder, instead);
    }
    T answered;
    try {
      answered = ask(setting, first, question, false, ANY);
    } catch (InvalidQuery | QueryTooSlow refused) {
      throw refused;
    } catch (IOException | RuntimeException failed) {
      return new Answer<>(ask(setting, other, question, true, ANY), other, true);
    }
    if (!answered.equals(question.nothing()) || !sides.haveData(other, collection)) {
      return new Answer<>(answered, first, false);
    }
    T late = ask(setting, other, question, true, sides.unknownTo(first, collection));
    return late.equals(question.nothing())
        ? new Answer<>(answered, first, false)
        : new Answer<>(late, other, true);
  }

  private <T> T ask(
      QuerySetting setting,
      QuerySide side,
      Question<T> question,
      boolean instead,
      Predicate<ObjectNode> wanted)
      throws IOException {
    long start = System.nanoTime();
    Outcome outcome = Outcome.FAILED;
    try {
      T value = read(side, question, wanted);
      outcome =
          value.equals(question.nothing())
              ? Outcome.MISSED
              : instead ? Outcome.FELL_BACK : Outcome.FOUND;
      return value;
    } catch (InvalidQuery refused) {
      outcome = Outcome.FOUND;
      throw refused;
    } finally {
      statistics.record(
          setting.mode(), side, question.collection(), outcome, System.nanoTime() - start);
    }
  }

  private <T> T read(QuerySide side, Question<T> question, Predicate<ObjectNode> wanted)
      throws IOException {
    String collection = question.collection();
    try {
      return sides
          .get(side)
          .read(
              collection,
              index ->
                  question
                      .ask()
                      .of(new DocumentScan(index, collection, Deadline.in(TIME)), wanted));
    } catch (NoSuchFileException missing) {
      if (side == QuerySide.LEGACY && target.optional().contains(collection)) {
        return question.nothing();
      }
      throw missing;
    }
  }

  /**
   * Queries one side by id, whatever the mode; not counted in the statistics.
   *
   * @return time that the answer took, in nanoseconds
   */
  long probe(QuerySide side, String collection, String id) throws IOException {
    long start = System.nanoTime();
    sides
        .get(side)
        .read(collection, index -> new DocumentScan(index, collection, Deadline.in(TIME)).byId(id));
    return System.nanoTime() - start;
  }

  /** Ids of some documents of that side, spread over the collection. */
  List<String> someIds(QuerySide side, String collection, int most) throws IOException {
    if (!sides.get(side).knows(collection)) {
      return List.of();
    }
    return sides
        .get(side)
        .read(
            collection,
            index -> {
              long[] places = index.places(collection);
              List<String> ids = new ArrayList<>();
              int step = Math.max(1, places.length / most);
              for (int i = 0; i < places.length && ids.size() < most; i += step) {
                ids.add(index.read(places[i]).get("_id").asText());
              }
              return ids;
            });
  }

  public QuerySetting setting() throws IOException {
    return settings.current();
  }

  public QueryStatistics statistics() {
    return statistics;
  }

  /** Whether that side's files can be read as the library would. */
  public SideHealth health(QuerySide side) {
    return sides.get(side).health();
  }

  /**
   * @throws TargetException when, with these settings, a side that cannot answer would have to
   *     answer alone
   */
  public void requireAnswers(QueryMode mode, boolean preferNew, boolean fallback) {
    QuerySetting wanted = new QuerySetting(mode, preferNew, fallback, 0, "", Instant.EPOCH);
    if (wanted.fallsBack()) {
      return;
    }
    SideHealth health = health(wanted.first());
    if (!health.healthy()) {
      throw new TargetException(
          "the query mode stays as it is: in mode %s the %s files would answer alone, and %s"
              .formatted(mode.text(), wanted.first().text(), String.join("; ", health.problems())));
    }
  }

  /**
   * What applications wrote to the legacy files after their documents were moved, one sentence per
   * file. Reads only files whose size, time or inode has changed.
   */
  public List<String> lateWrites() throws IOException {
    return LateWrites.find(target, false, offset -> {}).stream().map(LateWrite::toString).toList();
  }

  /** The late writes, from the files' content, whatever their attributes say. */
  List<LateWrite> readLateWrites(NedbFile.Position position) throws IOException {
    return LateWrites.find(target, true, position);
  }

  /** Number of live documents of a collection on that side. */
  public long count(QuerySide side, String collection) throws IOException {
    requireCollection(collection);
    return sides.get(side).count(collection);
  }

  public List<String> collections() {
    return target.collections();
  }

  private void requireCollection(String collection) {
    if (!target.collections().contains(collection)) {
      throw new UnknownCollection(collection, target.collections());
    }
  }
}
