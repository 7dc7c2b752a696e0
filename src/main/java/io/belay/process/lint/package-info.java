/**
 * Models are linted before they are deployed: by the application at start, for uploads, and in the
 * tests. {@link io.belay.process.lint.ModelLint} is the way in; each {@link
 * io.belay.process.lint.Rule} is a class of its own.
 */
package io.belay.process.lint;
