package io.belay.capability.document;

/**
 * A line that is no document, deletion or index.
 *
 * @param file name of the file
 * @param line counted from 1
 * @param reason what is wrong with it, without the line's content
 * @param torn whether it is the unterminated last line: a crash cut off an append, and the
 *     document's earlier line remains valid
 */
public record UnreadableLine(String file, long line, String reason, boolean torn) {

  @Override
  public String toString() {
    return "%s line %d: %s%s".formatted(file, line, torn ? "torn last line, " : "", reason);
  }
}
