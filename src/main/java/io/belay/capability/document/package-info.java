/**
 * Document stores of NeDB files, and their move from one file per collection to two files.
 *
 * <p>Begin with {@link io.belay.capability.document.DocumentAnalysis} (what is there), {@link
 * io.belay.capability.document.DocumentSnapshots} (keep it), {@link
 * io.belay.capability.document.DocumentMigration} (move it), {@link
 * io.belay.capability.document.DocumentValidation} (compare it). {@link
 * io.belay.capability.document.NedbFile} and {@link io.belay.capability.document.NedbLine} read the
 * format, {@link io.belay.capability.document.MigratedDocument} defines a document's form in the
 * new files.
 */
@org.springframework.modulith.ApplicationModule(
    allowedDependencies = {"artifact", "file", "step", "target"})
package io.belay.capability.document;
