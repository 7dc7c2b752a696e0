/**
 * What happened: {@link io.belay.journal.Journal} is the way in, {@link
 * io.belay.journal.JournalChain} proves that nothing was changed afterwards.
 */
@org.springframework.modulith.ApplicationModule(allowedDependencies = {"file", "target"})
package io.belay.journal;
