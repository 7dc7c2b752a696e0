package io.belay.face.web;

import io.belay.journal.JournalChain;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Verifies that the record of all runs is unchanged. */
@RestController
@Tag(name = "Journal", description = "The append-only record of all runs")
class JournalApi {

  private final JournalChain chain;

  JournalApi(JournalChain chain) {
    this.chain = chain;
  }

  @GetMapping("/api/journal/check")
  @Operation(
      summary = "Check the journal",
      description =
          "Reads every entry, follows the hash chain, and compares its end with the anchor outside"
              + " the database; says what is wrong, if anything.")
  JournalChain.Check check() {
    return chain.check();
  }
}
