package io.belay.capability.backup;

import com.moilioncircle.redis.replicator.Configuration;
import com.moilioncircle.redis.replicator.RedisRdbReplicator;
import com.moilioncircle.redis.replicator.rdb.datatype.DB;
import com.moilioncircle.redis.replicator.rdb.datatype.KeyValuePair;
import com.moilioncircle.redis.replicator.rdb.datatype.ZSetEntry;
import com.moilioncircle.redis.replicator.rdb.dump.datatype.DumpKeyValuePair;
import com.moilioncircle.redis.replicator.rdb.dump.parser.DefaultDumpValueParser;
import com.moilioncircle.redis.replicator.rdb.dump.parser.DumpValueParser;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares two values as DUMP gives them. The same set may be dumped as different bytes (order,
 * encoding), so values that differ are parsed. Types that cannot be compared like this (streams,
 * modules) count as different; they are written again, which does no harm.
 */
final class RedisValues {

  private final DumpValueParser parser =
      new DefaultDumpValueParser(
          new RedisRdbReplicator(InputStream.nullInputStream(), Configuration.defaultSetting()));

  boolean same(byte[] one, byte[] other) {
    if (one == null || other == null) {
      return one == other;
    }
    if (Arrays.equals(one, other)) {
      return true;
    }
    try {
      return canonical(one).equals(canonical(other));
    } catch (RuntimeException | AssertionError e) {
      return false;
    }
  }

  private List<Object> canonical(byte[] dumped) {
    DumpKeyValuePair pair = new DumpKeyValuePair();
    pair.setDb(new DB(0));
    pair.setKey(new byte[0]);
    pair.setValue(dumped);
    KeyValuePair<?, ?> parsed = parser.parse(pair);
    return List.of(parsed.getClass(), plain(parsed.getValue()));
  }

  private static Object plain(Object value) {
    if (value instanceof byte[] bytes) {
      return ByteBuffer.wrap(bytes);
    } else if (value instanceof ZSetEntry entry) {
      return List.of(ByteBuffer.wrap(entry.getElement()), entry.getScore());
    } else if (value instanceof Set<?> set) {
      return into(new HashSet<>(), set);
    } else if (value instanceof List<?> list) {
      return into(new ArrayList<>(), list);
    } else if (value instanceof Map<?, ?> map) {
      Map<Object, Object> plain = new HashMap<>();
      map.forEach((key, each) -> plain.put(plain(key), plain(each)));
      return plain;
    }
    throw new IllegalArgumentException("cannot be compared: " + value.getClass());
  }

  private static Collection<Object> into(Collection<Object> plain, Collection<?> values) {
    values.forEach(each -> plain.add(plain(each)));
    return plain;
  }
}
