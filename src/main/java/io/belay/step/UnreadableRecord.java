package io.belay.step;

/**
 * The journal has a record of this run that this version of Belay cannot read. The reader must not
 * go on as if nothing had been recorded; another attempt cannot help.
 */
public class UnreadableRecord extends RuntimeException {

  UnreadableRecord(String run, String what, String why) {
    super(
        ("run %s: %s cannot be read by this version of Belay: %s. Nothing was changed. Start the"
                + " version that wrote it, or one that declares the former name, and retry; or do"
                + " the work by hand and override this step with a reason")
            .formatted(run, what, why));
  }
}
