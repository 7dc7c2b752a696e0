/**
 * Document stores of NeDB files, and their move from one file a collection to two files.
 *
 * <p>Begin with {@link io.belay.document.DocumentAnalysis} (what is there), {@link
 * io.belay.document.DocumentSnapshots} (keep it), {@link io.belay.document.DocumentMigration} (move
 * it), {@link io.belay.document.DocumentValidation} (compare it). {@link
 * io.belay.document.NedbFile} and {@link io.belay.document.NedbLine} are the format, {@link
 * io.belay.document.MigratedDocument} is what a document looks like in the new files.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"file", "step", "target"})
package io.belay.document;
