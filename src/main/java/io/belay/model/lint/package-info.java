/**
 * Models are linted before they are deployed: by the application at start, for uploads, and in the
 * tests. {@link io.belay.model.lint.ModelLint} is the way in; each {@link io.belay.model.lint.Rule}
 * is a class of its own.
 */
@org.springframework.modulith.NamedInterface("lint")
package io.belay.model.lint;
