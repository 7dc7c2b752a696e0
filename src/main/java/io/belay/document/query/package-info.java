/**
 * Queries on documents with the semantics of {@code @seald-io/nedb} 4: begin with {@link
 * io.belay.document.query.Find}. Knows JSON and no files.
 */
@org.springframework.modulith.NamedInterface("query")
package io.belay.document.query;
