package io.belay.capability.document;

import java.security.SecureRandom;

/**
 * Maps the ids of a store's collections to numbers, in 24 bytes per place: an open hash table of
 * 112-bit hashes. Its seeds are random, so nobody can force two ids to collide; the chance that any
 * two of ten million do is below 10<sup>-19</sup>.
 */
final class IdTable {

  /** The value of an id that was not seen. */
  static final long ABSENT = Long.MIN_VALUE;

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final long K1 = 0x9E3779B97F4A7C15L;
  private static final long K2 = 0xD6E8FEB86659FD93L;
  private static final int SMALLEST = 1 << 10;

  /** Two hashes and the value lie together, so that a place mostly costs one cache miss. */
  private static final int WORDS = 3;

  private static final int SECOND = 1;
  private static final int VALUE = 2;

  /**
   * The bits of the second word that hold the collection's number plus one; zero when the place is
   * free.
   */
  private static final long OWNER = 0xFFFF;

  private final long seed1;
  private final long seed2;
  private long[] words = new long[SMALLEST * WORDS];
  private int places = SMALLEST;
  private int size;
  private long hash1;
  private long hash2;

  IdTable() {
    this(RANDOM.nextLong(), RANDOM.nextLong());
  }

  private IdTable(long seed1, long seed2) {
    this.seed1 = seed1;
    this.seed2 = seed2;
  }

  /** An empty table with the same seeds, which can be asked about places of this one. */
  IdTable sister() {
    return new IdTable(seed1, seed2);
  }

  /** The place of an id of a collection, with the value {@link #ABSENT} if it is new. */
  int place(String id, int collection) {
    hash(id);
    int place = search(collection);
    if (owner(place) >= 0) {
      return place;
    }
    if (size >= places / 3 * 2) {
      grow();
      place = search(collection);
    }
    size++;
    enter(place, hash1, second(collection), ABSENT);
    return place;
  }

  /** The place of an id of a collection; -1 when the collection does not have it. */
  int find(String id, int collection) {
    hash(id);
    int place = search(collection);
    return owner(place) < 0 ? -1 : place;
  }

  long get(int place) {
    return words[place * WORDS + VALUE];
  }

  void set(int place, long newValue) {
    words[place * WORDS + VALUE] = newValue;
  }

  /** The value; {@link #ABSENT} when the collection does not have the id. */
  long value(String id, int collection) {
    int place = find(id, collection);
    return place < 0 ? ABSENT : get(place);
  }

  /**
   * Whether an earlier collection of this table has the id at that place of {@code sister}, with a
   * value of zero or more.
   */
  boolean hasBefore(IdTable sister, int place) {
    return hasBefore(
        sister.words[place * WORDS], sister.words[place * WORDS + SECOND], sister.owner(place));
  }

  /** Whether both tables have an id of the same collection in common. */
  boolean meets(IdTable sister) {
    for (int place = 0; place < sister.places; place++) {
      if (sister.owner(place) >= 0) {
        hash1 = sister.words[place * WORDS];
        hash2 = sister.words[place * WORDS + SECOND];
        if (owner(search(sister.owner(place))) >= 0) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean hasBefore(long first, long second, int collection) {
    for (int i = home(first); owner(i) >= 0; i = next(i)) {
      boolean same =
          words[i * WORDS] == first && ((words[i * WORDS + SECOND] ^ second) & ~OWNER) == 0;
      if (same && owner(i) < collection && get(i) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** Number of places; those in use have an owner. */
  int places() {
    return places;
  }

  /** The collection of a place; below zero when it is free. */
  int owner(int place) {
    return (int) (words[place * WORDS + SECOND] & OWNER) - 1;
  }

  private int search(int collection) {
    long second = second(collection);
    int i = home(hash1);
    while (owner(i) >= 0 && !(words[i * WORDS] == hash1 && words[i * WORDS + SECOND] == second)) {
      i = next(i);
    }
    return i;
  }

  private long second(int collection) {
    return (hash2 & ~OWNER) | (collection + 1);
  }

  private int home(long first) {
    return (int) (first >>> 20) & (places - 1);
  }

  private int next(int place) {
    return (place + 1) & (places - 1);
  }

  private void enter(int place, long first, long second, long value) {
    words[place * WORDS] = first;
    words[place * WORDS + SECOND] = second;
    words[place * WORDS + VALUE] = value;
  }

  private void grow() {
    long[] old = words;
    places *= 2;
    words = new long[Math.multiplyExact(places, WORDS)];
    for (int i = 0; i < old.length; i += WORDS) {
      if ((old[i + SECOND] & OWNER) != 0) {
        int place = home(old[i]);
        while (owner(place) >= 0) {
          place = next(place);
        }
        enter(place, old[i], old[i + SECOND], old[i + VALUE]);
      }
    }
  }

  private void hash(String id) {
    long h1 = seed1;
    long h2 = seed2;
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      h1 = (h1 ^ c) * K1;
      h1 ^= h1 >>> 32;
      h2 = (h2 + c) * K2;
      h2 ^= h2 >>> 29;
    }
    hash1 = mix(h1 + id.length());
    hash2 = mix(h2 ^ h1);
  }

  static long mix(long h) {
    long x = h;
    x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }
}
