package io.belay.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.belay.file.PrivateFiles;
import io.belay.target.InvalidSetting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.lang.Nullable;
import org.springframework.stereotype.Component;

/**
 * Keeps the end of the journal's chain in a file outside the engine's database, sealed with a key:
 * {@code <anchor>/<journal id>.json}. Whoever can change the database alone can neither cut the end
 * off nor link rewritten entries anew without contradicting that file. The file is replaced whole
 * and survives a crash at any instruction.
 */
@Component
@EnableConfigurationProperties(JournalSettings.class)
class JournalAnchor {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build();

  /** A file lock holds between processes, not between threads. */
  private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

  /**
   * A link of the chain.
   *
   * @param seq number of the link; 0 for the start of an empty chain
   * @param hash of that link
   */
  record Link(long seq, String hash) {}

  /**
   * The chain did not hold what was anchored.
   *
   * @param anchored the link that the chain had to hold
   * @param found the hash that the chain had at that link; null when the link was gone; the
   *     anchored hash when only the journal's name was gone
   * @param at when that was noticed
   */
  record Break(Link anchored, String found, Instant at) {}

  /**
   * @param journal id of the journal in its database
   * @param since the end of the chain when its anchoring began: nothing is proven of the time
   *     before
   * @param sinceAt when that was
   * @param last the newest link known outside the database
   * @param lastAt when it was anchored
   * @param breaks each time the chain did not hold what was anchored, oldest first
   */
  record Anchored(
      String journal, Link since, Instant sinceAt, Link last, Instant lastAt, List<Break> breaks) {

    /** Whether a link was anchored after the beginning; not so when the beginning failed. */
    boolean advanced() {
      return last.seq() > since.seq();
    }
  }

  private record Sealed(Anchored anchored, String code) {}

  private static final String SUFFIX = ".json";

  private final Path directory;
  private final AnchorKey key;

  /**
   * @throws InvalidSetting when the directory cannot be used or the key is too short; names the
   *     property
   */
  JournalAnchor(JournalSettings settings) {
    directory = settings.anchor().toAbsolutePath().normalize();
    try {
      PrivateFiles.claim(directory);
      key = exclusively(() -> AnchorKey.of(settings, directory));
    } catch (IOException | UncheckedIOException e) {
      throw new InvalidSetting(
          "belay.journal.anchor: %s cannot be read and written".formatted(directory), e);
    }
  }

  /**
   * Begins to anchor a journal that was not anchored before; its chain ends at {@code end}.
   *
   * @param breaks what is already known to be wrong with the chain
   */
  void begin(String journal, Link end, List<Break> breaks) {
    Instant now = Instant.now();
    exclusively(() -> write(new Anchored(journal, end, now, end, now, breaks)));
  }

  /** Ids of the journals other than that one of which the directory holds an anchor, sorted. */
  List<String> others(@Nullable String journal) {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .filter(name -> !name.equals(journal))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be listed".formatted(directory), e);
    }
  }

  /**
   * What is anchored of the journal.
   *
   * @return empty when there is no file
   * @throws Unreadable when the file was not written with this key or for this journal, or is
   *     damaged
   */
  Optional<Anchored> read(String journal) throws Unreadable {
    Path file = file(journal);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      Sealed sealed = JSON.readValue(Files.readAllBytes(file), Sealed.class);
      if (sealed.anchored() == null || !code(sealed.anchored()).equals(sealed.code())) {
        throw new Unreadable("%s was not written with this Belay's key".formatted(file));
      }
      if (!journal.equals(sealed.anchored().journal())) {
        throw new Unreadable("%s was written for another journal".formatted(file));
      }
      return Optional.of(sealed.anchored());
    } catch (IOException e) {
      throw new Unreadable("%s cannot be read: %s".formatted(file, e.getMessage()));
    }
  }

  /** The anchor exists, but proves nothing. */
  static final class Unreadable extends Exception {
    Unreadable(String message) {
      super(message);
    }
  }

  /** The chain ends at {@code end} now; an older end than the anchored one changes nothing. */
  void advance(String journal, Link end) {
    exclusively(
        () -> {
          try {
            Optional<Anchored> anchored = read(journal);
            if (anchored.isPresent() && anchored.get().last().seq() < end.seq()) {
              write(with(anchored.get(), end, anchored.get().breaks()));
            }
          } catch (Unreadable e) {
            // A file that proves nothing is evidence, so it stays as it is; the check reports it.
          }
          return null;
        });
  }

  /**
   * Permanently records that the chain does not hold what was anchored, and continues from its end.
   */
  void broken(Anchored anchored, String found, Link end) {
    List<Break> breaks = new ArrayList<>(anchored.breaks());
    breaks.add(new Break(anchored.last(), found, Instant.now()));
    exclusively(() -> write(with(anchored, end, List.copyOf(breaks))));
  }

  private static Anchored with(Anchored anchored, Link last, List<Break> breaks) {
    return new Anchored(
        anchored.journal(), anchored.since(), anchored.sinceAt(), last, Instant.now(), breaks);
  }

  private Void write(Anchored anchored) throws IOException {
    Path part = directory.resolve("." + anchored.journal() + ".part");
    PrivateFiles.write(part, JSON.writeValueAsBytes(new Sealed(anchored, code(anchored))));
    Files.move(part, file(anchored.journal()), StandardCopyOption.ATOMIC_MOVE);
    PrivateFiles.flush(directory);
    return null;
  }

  private String code(Anchored anchored) throws JsonProcessingException {
    return key.code(JSON.writeValueAsBytes(anchored));
  }

  private Path file(String journal) {
    return directory.resolve(journal + SUFFIX);
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  /** Runs the work while no other node or thread does so. */
  private <T> T exclusively(Work<T> work) {
    IN_THIS_PROCESS.lock();
    try (FileChannel channel = PrivateFiles.open(directory.resolve(".lock"))) {
      channel.lock(); // until the channel is closed
      return work.run();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the journal cannot be anchored in %s: %s".formatted(directory, e.getMessage()), e);
    } finally {
      IN_THIS_PROCESS.unlock();
    }
  }
}
