package io.belay.document;

/**
 * A line that holds no document, deletion or index.
 *
 * @param file name of the file
 * @param line counted from 1
 * @param reason what is wrong with it; never the line's content
 * @param torn whether it is the last line and has no end: an append that a crash cut short, the
 *     document before it survives
 */
public record UnreadableLine(String file, long line, String reason, boolean torn) {

  @Override
  public String toString() {
    return "%s line %d: %s%s".formatted(file, line, torn ? "torn last line, " : "", reason);
  }
}
