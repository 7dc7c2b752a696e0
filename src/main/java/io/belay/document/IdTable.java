package io.belay.document;

import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Maps the ids of a store's collections to numbers, in 26 bytes a place: an open hash table of
 * 128-bit hashes. Its seeds are random, so nobody can make two ids meet; the chance that two of ten
 * million do is below 10<sup>-24</sup>.
 */
final class IdTable {

  /** The value of an id that was not seen. */
  static final long ABSENT = Long.MIN_VALUE;

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final long K1 = 0x9E3779B97F4A7C15L;
  private static final long K2 = 0xD6E8FEB86659FD93L;
  private static final int SMALLEST = 1 << 10;

  private final long seed1 = RANDOM.nextLong();
  private final long seed2 = RANDOM.nextLong();
  private long[] first = new long[SMALLEST];
  private long[] second = new long[SMALLEST];
  private long[] value = new long[SMALLEST];
  private short[] owner = new short[SMALLEST];
  private int size;
  private long hash1;
  private long hash2;

  IdTable() {
    Arrays.fill(owner, (short) -1);
  }

  /** The place of that id of that collection, with a value of {@link #ABSENT} if it is new. */
  int place(String id, int collection) {
    hash(id);
    int place = search(collection);
    if (owner[place] >= 0) {
      return place;
    }
    if (size >= first.length / 3 * 2) {
      grow();
      place = search(collection);
    }
    size++;
    first[place] = hash1;
    second[place] = hash2;
    owner[place] = (short) collection;
    value[place] = ABSENT;
    return place;
  }

  long get(int place) {
    return value[place];
  }

  void set(int place, long newValue) {
    value[place] = newValue;
  }

  /** The value; {@link #ABSENT} when the collection does not have the id. */
  long value(String id, int collection) {
    hash(id);
    int place = search(collection);
    return owner[place] < 0 ? ABSENT : value[place];
  }

  /** Whether a collection before {@code collection} has the id with a value of zero or more. */
  boolean hasBefore(String id, int collection) {
    hash(id);
    return hasBefore(home(), hash1, hash2, collection);
  }

  /** Whether the id of that place is one that an earlier collection has, too. */
  boolean hasBefore(int place) {
    hash1 = first[place];
    hash2 = second[place];
    return hasBefore(home(), hash1, hash2, owner[place]);
  }

  private boolean hasBefore(int from, long h1, long h2, int collection) {
    int mask = first.length - 1;
    for (int i = from; owner[i] >= 0; i = (i + 1) & mask) {
      if (first[i] == h1 && second[i] == h2 && owner[i] < collection && value[i] >= 0) {
        return true;
      }
    }
    return false;
  }

  /** How many places there are; those in use have an owner. */
  int places() {
    return first.length;
  }

  /** The collection of a place; below zero when it is free. */
  int owner(int place) {
    return owner[place];
  }

  private int search(int collection) {
    int mask = first.length - 1;
    int i = home();
    while (owner[i] >= 0 && !(first[i] == hash1 && second[i] == hash2 && owner[i] == collection)) {
      i = (i + 1) & mask;
    }
    return i;
  }

  private int home() {
    return (int) (hash1 >>> 20) & (first.length - 1);
  }

  private void grow() {
    long[] oldFirst = first;
    long[] oldSecond = second;
    long[] oldValue = value;
    short[] oldOwner = owner;
    long wanted1 = hash1;
    long wanted2 = hash2;
    int length = oldFirst.length * 2;
    first = new long[length];
    second = new long[length];
    value = new long[length];
    owner = new short[length];
    Arrays.fill(owner, (short) -1);
    for (int i = 0; i < oldFirst.length; i++) {
      if (oldOwner[i] >= 0) {
        hash1 = oldFirst[i];
        hash2 = oldSecond[i];
        int place = search(oldOwner[i]);
        first[place] = hash1;
        second[place] = hash2;
        value[place] = oldValue[i];
        owner[place] = oldOwner[i];
      }
    }
    hash1 = wanted1;
    hash2 = wanted2;
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
