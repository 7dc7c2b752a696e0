/**
 * Queries on documents with the semantics of {@code @seald-io/nedb} 4: start with {@link
 * io.belay.capability.document.query.Find}. Handles JSON only, no files.
 */
@org.springframework.modulith.NamedInterface("query")
package io.belay.capability.document.query;
